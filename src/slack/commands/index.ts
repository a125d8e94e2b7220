/** Every slash command, once. */
import type { Command } from './command.ts';
import { approve, deny } from './decide.ts';
import { delegate } from './delegate.ts';
import { env } from './env.ts';
import { halt } from './halt.ts';
import { health } from './health.ts';
import { audit, incidents, report } from './history.ts';
import { incident } from './incident.ts';
import { logs } from './logs.ts';
import { links, ps } from './look.ts';
import { maintenance } from './maintenance.ts';
import { loki, targets } from './observe.ts';
import { oncall } from './oncall.ts';
import { plan } from './plan.ts';
import { abort, done, output, run, undo } from './run.ts';
import { runbook, runbooks } from './runbooks.ts';
import { silence } from './silence.ts';
import { slo } from './slo.ts';
import { stats } from './stats.ts';
import { status } from './status.ts';
import { thread } from './thread.ts';

/** Commands that change nothing: the same one, sent again, does no harm. Whatever isn't named here is taken once. */
export const LOOKUPS: ReadonlySet<string> = new Set(
  [
    ...[health, status, ps, stats, logs, loki, targets, links, slo, env, runbooks, runbook],
    ...[plan, output, incidents, report, audit, oncall],
  ].map(({ name }) => name),
);

export const commands: readonly Command[] = [
  health,
  status,
  thread,
  ps,
  stats,
  logs,
  loki,
  targets,
  links,
  slo,
  env,
  runbooks,
  runbook,
  plan,
  run,
  done,
  output,
  abort,
  undo,
  incident,
  incidents,
  report,
  audit,
  approve,
  deny,
  delegate,
  halt,
  oncall,
  maintenance,
  silence,
];
