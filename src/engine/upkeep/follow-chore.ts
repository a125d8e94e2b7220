/** Logs that people follow are asked for their newest lines. */
import { followLogs } from '../checks/follow-logs.ts';
import type { Engine } from '../core/engine.ts';
import type { Chore } from './keep-chore.ts';

const EVERY_MS = 1000;
/** Longer than one look at a log may take. */
const WITHIN_MS = 60_000;

export const followChore = (engine: Engine): Chore => ({
  name: 'followed-logs',
  everyMs: EVERY_MS,
  withinMs: WITHIN_MS,
  run: (signal) => followLogs({ ...engine, signal }),
});
