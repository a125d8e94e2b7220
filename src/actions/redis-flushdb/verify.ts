/** Right after a flush: is the database empty, but for what has been written since? */
import type { Redis } from 'ioredis';
import { type ActionContext, isRefused } from '../../domain/action.ts';
import type { Target } from '../../domain/target.ts';
import { sayCount } from '../say-size.ts';
import { answers, onRedis } from './connection.ts';

/** Keys looked at; of what is written after a flush some are enough. */
const MOST_LOOKED_AT = 1000;
/** A key that nobody has touched for longer was there before: the look comes right after the flush. */
const OLD_SECONDS = 60;

export interface Verified {
  readonly good: boolean;
  readonly says: string;
}

export async function verifyFlushed(
  target: Target,
  { db }: { readonly db: number },
  context: ActionContext,
): Promise<Verified> {
  const found = await onRedis(target, db, context, (redis) => look(redis, db));
  return isRefused(found) ? { good: false, says: found.refused } : found;
}

async function look(redis: Redis, db: number): Promise<Verified> {
  const keys = await redis.dbsize();
  if (keys === 0) return { good: true, says: `db ${db} is empty` };
  const [, names] = await redis.scanBuffer('0', 'COUNT', MOST_LOOKED_AT);
  const pipeline = redis.pipeline();
  for (const name of names) pipeline.object('IDLETIME', name);
  // Where keys are evicted by frequency Redis keeps no idle times, and answers with errors: then nothing is old.
  const idle = (await answers(pipeline)).map(([error, seconds]) => (error === null ? Number(seconds) : 0));
  const old = idle.filter((seconds) => seconds > OLD_SECONDS).length;
  if (old > 0) return { good: false, says: `${sayCount(old, 'key')} in db ${db} from before the flush` };
  return { good: true, says: `db ${db} holds ${sayCount(keys, 'key')}, written since` };
}
