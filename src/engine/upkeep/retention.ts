/** Deletes what is over and old enough, one process at a time, a little at a time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { finishChore, takeChore } from '../../journal/chores.ts';
import { deletions, type Retention } from '../../journal/retention.ts';
import type { Engine } from '../core/engine.ts';
import type { Chore } from './keep-chore.ts';

const CHORE = 'retention';
const LEASE_MS = 60_000;
const EVERY_MS = 3_600_000;
const LOOK_EVERY_MS = 60_000;
/** Rows in one statement, which takes milliseconds. */
const BATCH = 100;
/** Between two statements, so that the journal's other work goes on at its pace. */
const REST_MS = 50;

export type RetentionDeps = Pick<Engine, 'journal' | 'worker' | 'signal' | 'log'>;

/** One pass, when it is due and nobody else is at it; what was deleted, or null when it was not ours to do. */
export async function retain(
  deps: RetentionDeps,
  keep: Retention,
  everyMs = EVERY_MS,
): Promise<Readonly<Record<string, number>> | null> {
  const { pool } = deps.journal;
  const mine = () => takeChore(pool, CHORE, deps.worker, { leaseMs: LEASE_MS, everyMs });
  if (!(await mine())) return null;
  const deleted: Record<string, number> = {};
  for (const [name, remove] of Object.entries(deletions(keep))) {
    let rows = 0;
    do {
      if (deps.signal.aborted || !(await mine())) return deleted;
      rows = await remove(pool, BATCH);
      deleted[name] = (deleted[name] ?? 0) + rows;
      if (rows > 0) await sleep(REST_MS, undefined, { signal: deps.signal }).catch(() => undefined);
    } while (rows > 0);
  }
  await finishChore(pool, CHORE, deps.worker);
  const any = Object.entries(deleted).filter(([, rows]) => rows > 0);
  if (any.length > 0) deps.log.info({ deleted: Object.fromEntries(any) }, 'old rows were deleted');
  return deleted;
}

/** A pass of a large journal takes long; one that is given up goes on in the next. */
const WITHIN_MS = 3_600_000;

export function retentionChore(engine: Engine, keep: Retention): Chore {
  return {
    name: 'retention',
    everyMs: LOOK_EVERY_MS,
    withinMs: WITHIN_MS,
    run: async (signal) => {
      await retain({ ...engine, signal }, keep);
    },
  };
}
