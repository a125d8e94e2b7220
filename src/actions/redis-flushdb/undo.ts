/** Makes the undo of a flush: every key's DUMP with the time it expires, checked against the live key space. */
import type { Redis } from 'ioredis';
import {
  type ActionContext,
  isRefused,
  type PlanDraft,
  type Refused,
  type UndoMade,
  type UndoWriter,
} from '../../domain/action.ts';
import type { Target } from '../../domain/target.ts';
import { sayBytes, sayCount } from '../say-size.ts';
import { answers, onRedis } from './connection.ts';
import { identityDiffers, inspectRedis } from './inspect.ts';
import { mayGrowTo } from './plan.ts';
import { type EntryWriter, payloadVersion, UndoNotKept, writeEntries } from './undo-format.ts';

const SCAN_COUNT = 100;
/** Times the key space is gone through, while keys are being added to it. */
const MOST_PASSES = 3;

/** Refuses when the keys can't be copied, the copy can't be kept, or it isn't of all keys. Only reads the target. */
export async function makeFlushUndo(
  target: Target,
  settings: { readonly db: number },
  plan: PlanDraft,
  undo: UndoWriter,
  context: ActionContext,
): Promise<UndoMade | Refused> {
  try {
    return await onRedis(target, settings.db, context, async (redis) => {
      const inspected = await inspectRedis(redis, target, settings.db, context.self);
      if (isRefused(inspected)) return inspected;
      const differs = identityDiffers(plan, inspected);
      if (differs.length > 0)
        return { refused: `no undo was made, as the target has changed: ${differs.join('; ')}` };
      return copyKeys(redis, writeEntries(undo), context.signal);
    });
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof UndoNotKept) return { refused: `the undo could not be kept: ${error.message}` };
    throw error;
  }
}

async function copyKeys(redis: Redis, writer: EntryWriter, signal: AbortSignal): Promise<UndoMade | Refused> {
  const copied = new Set<string>();
  let vanished = 0;
  let inDatabase = 0;
  for (let pass = 0; pass < MOST_PASSES; pass += 1) {
    let cursor = '0';
    do {
      signal.throwIfAborted();
      const [next, found] = await redis.scanBuffer(cursor, 'COUNT', SCAN_COUNT);
      cursor = next.toString();
      const keys = distinct(found).filter((key) => !copied.has(nameOf(key)));
      for (let from = 0; from < keys.length; from += SCAN_COUNT) {
        const result = await copyBatch(redis, keys.slice(from, from + SCAN_COUNT), writer);
        if (isRefused(result)) return result;
        for (const key of result) copied.add(nameOf(key));
        vanished += keys.slice(from, from + SCAN_COUNT).length - result.length;
      }
    } while (cursor !== '0');
    inDatabase = await redis.dbsize();
    if (inDatabase <= copied.size) break;
  }
  const missing = Math.max(0, inDatabase - copied.size);
  if (copied.size + missing > mayGrowTo(copied.size)) {
    return {
      refused: `the undo has ${sayCount(copied.size, 'key')}, but there are ${inDatabase} now: keys come faster than they can be copied`,
    };
  }
  const bytes = await writer.finish();
  const notes = [
    ...(missing > 0 ? [`${sayCount(missing, 'newer key')} not in it`] : []),
    ...(vanished > 0 ? [`${sayCount(vanished, 'key')} expired meanwhile`] : []),
  ];
  const summary = [`${sayCount(copied.size, 'key')}, ${sayBytes(bytes)}`, ...notes].join('; ');
  return { summary, entries: copied.size };
}

/** Copies the keys that are there; those copied are returned. Refuses when one is there but can't be copied. */
async function copyBatch(
  redis: Redis,
  keys: readonly Buffer[],
  writer: EntryWriter,
): Promise<readonly Buffer[] | Refused> {
  const pipeline = redis.pipeline().time();
  for (const key of keys) pipeline.pttl(key).dumpBuffer(key);
  const [time, ...results] = await answers(pipeline);
  const now = serverMs(time?.[1]);
  const copied: Buffer[] = [];
  for (const [i, key] of keys.entries()) {
    const ttl = results[2 * i];
    const dump = results[2 * i + 1];
    const error = ttl?.[0] ?? dump?.[0];
    if (error != null)
      return { refused: `a key could not be copied: Redis said ${error.message.slice(0, 120)}` };
    const [pttl, payload] = [ttl?.[1], dump?.[1]];
    // Gone between SCAN and DUMP: it expired, or somebody deleted it.
    if (payload === null || pttl === -2) continue;
    if (typeof pttl !== 'number' || !(payload instanceof Buffer) || payloadVersion(payload) === null) {
      return { refused: 'a key could not be copied: what DUMP answered can not be read back by RESTORE' };
    }
    await writer.add({ key, expiresAt: pttl < 0 ? null : now + pttl, payload });
    copied.push(key);
  }
  return copied;
}

/** Unix milliseconds by the server's clock, from what TIME answered. */
export function serverMs(time: unknown): number {
  const [seconds, microseconds] = Array.isArray(time) ? time.map(Number) : [];
  const ms = (seconds ?? Number.NaN) * 1000 + Math.floor((microseconds ?? Number.NaN) / 1000);
  if (!Number.isSafeInteger(ms)) throw new Error('Redis did not answer TIME with a time');
  return ms;
}

const nameOf = (key: Buffer): string => key.toString('latin1');

function distinct(keys: readonly Buffer[]): Buffer[] {
  return [...new Map(keys.map((key) => [nameOf(key), key])).values()];
}
