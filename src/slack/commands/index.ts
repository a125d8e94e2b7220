/** Every slash command, once. */
import type { Command } from './command.ts';
import { approve, deny } from './decide.ts';
import { delegate } from './delegate.ts';
import { halt } from './halt.ts';
import { health } from './health.ts';
import { logs } from './logs.ts';
import { env, links, ps } from './look.ts';
import { loki, targets } from './observe.ts';
import { plan } from './plan.ts';
import { runbook, runbooks } from './runbooks.ts';
import { stats } from './stats.ts';
import { status } from './status.ts';

export const commands: readonly Command[] = [
  health,
  status,
  ps,
  stats,
  logs,
  loki,
  targets,
  links,
  env,
  runbooks,
  runbook,
  plan,
  approve,
  deny,
  delegate,
  halt,
];
