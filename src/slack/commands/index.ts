/** Every slash command, once. */
import type { Command } from './command.ts';
import { approve, deny } from './decide.ts';
import { delegate } from './delegate.ts';
import { halt } from './halt.ts';
import { health } from './health.ts';
import { audit, incidents, report } from './history.ts';
import { incident } from './incident.ts';
import { env, links, logs, ps } from './look.ts';
import { plan } from './plan.ts';
import { abort, done, output, run, undo } from './run.ts';
import { runbook, runbooks } from './runbooks.ts';
import { status } from './status.ts';

export const commands: readonly Command[] = [
  health,
  status,
  ps,
  logs,
  links,
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
];
