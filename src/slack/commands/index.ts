/** Every slash command, once. */
import type { Command } from './command.ts';
import { approve, deny } from './decide.ts';
import { delegate } from './delegate.ts';
import { halt } from './halt.ts';
import { health } from './health.ts';
import { env, links, logs, ps } from './look.ts';
import { plan } from './plan.ts';
import { runbook, runbooks } from './runbooks.ts';
import { status } from './status.ts';
import { thread } from './thread.ts';

export const commands: readonly Command[] = [
  health,
  status,
  thread,
  ps,
  logs,
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
