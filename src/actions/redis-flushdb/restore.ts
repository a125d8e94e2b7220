/** Puts the keys of an undo back, beside whatever has been written since: nothing is ever overwritten. */
import type { Redis } from 'ioredis';
import { type ActionContext, type ActionOutcome, type ItemOutcome, isRefused } from '../../domain/action.ts';
import type { Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import { sayCount } from '../say-size.ts';
import { answers, onRedis } from './connection.ts';
import { inspectRedis } from './inspect.ts';
import { shownKeyName } from './key-names.ts';
import { serverMs } from './undo.ts';
import { readEntries, type UndoEntry } from './undo-format.ts';

const BATCH_KEYS = 100;
const BATCH_BYTES = 4 * 1024 * 1024;
/** Keys named one by one in the outcome; the summary counts all. */
const MOST_NAMED = 50;

interface Tally {
  restored: number;
  existing: number;
  expired: number;
  failed: number;
  readonly named: ItemOutcome[];
}

/**
 * RESTORE for each key that isn't there, with the time left of its TTL. Safe to do again. A connection that breaks or
 * an undo that is damaged ends it as failed, with what was put back until then.
 */
export async function restoreFlushed(
  target: Target,
  settings: { readonly db: number },
  undo: AsyncIterable<Uint8Array>,
  context: ActionContext,
): Promise<ActionOutcome> {
  const tally: Tally = { restored: 0, existing: 0, expired: 0, failed: 0, named: [] };
  try {
    const refused = await onRedis(target, settings.db, context, async (redis) => {
      const inspected = await inspectRedis(redis, target, settings.db, context.self);
      if (isRefused(inspected)) return inspected;
      for await (const batch of batches(readEntries(undo))) {
        context.signal.throwIfAborted();
        await restoreBatch(redis, batch, tally);
      }
      return null;
    });
    if (refused !== null) return outcome('failed', tally, refused.refused);
  } catch (error) {
    return outcome(
      'failed',
      tally,
      `it stopped: ${oneLine(error instanceof Error ? error.message : String(error))}`,
    );
  }
  return outcome(tally.failed === 0 ? 'succeeded' : 'failed', tally, null);
}

async function restoreBatch(redis: Redis, batch: readonly UndoEntry[], tally: Tally): Promise<void> {
  const now = serverMs(await redis.time());
  // RESTORE before Redis 7 would bring a key back whose time has passed.
  const due = batch.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
  tally.expired += batch.length - due.length;
  const pipeline = redis.pipeline();
  for (const { key, expiresAt, payload } of due) {
    if (expiresAt === null) pipeline.restore(key, 0, payload);
    else pipeline.restore(key, expiresAt, payload, 'ABSTTL');
  }
  const results = await answers(pipeline);
  for (const [i, { key }] of due.entries()) {
    const error = results[i]?.[0] ?? null;
    if (error === null) tally.restored += 1;
    else if (error.message.startsWith('BUSYKEY')) {
      tally.existing += 1;
      name(tally, key, 'kept', 'exists already: left as it is');
    } else {
      tally.failed += 1;
      name(tally, key, 'failed', oneLine(error.message, 120));
    }
  }
}

async function* batches(entries: AsyncIterable<UndoEntry>): AsyncGenerator<readonly UndoEntry[], void> {
  let batch: UndoEntry[] = [];
  let bytes = 0;
  for await (const entry of entries) {
    batch.push(entry);
    bytes += entry.payload.length;
    if (batch.length < BATCH_KEYS && bytes < BATCH_BYTES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

function name(tally: Tally, key: Buffer, result: ItemOutcome['outcome'], note: string): void {
  if (tally.named.length < MOST_NAMED) tally.named.push({ name: shownKeyName(key), outcome: result, note });
}

function outcome(state: 'succeeded' | 'failed', tally: Tally, why: string | null): ActionOutcome {
  const parts = [
    `${sayCount(tally.restored, 'key')} put back`,
    ...(tally.existing > 0
      ? [`${tally.existing.toLocaleString('en-US')} exist already and were left as they are`]
      : []),
    ...(tally.expired > 0 ? [`${tally.expired.toLocaleString('en-US')} had expired meanwhile`] : []),
    ...(tally.failed > 0 ? [`${tally.failed.toLocaleString('en-US')} could not be put back`] : []),
    ...(why === null ? [] : [why]),
  ];
  return { state, summary: parts.join('; '), items: tally.named };
}
