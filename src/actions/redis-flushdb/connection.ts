/** A connection of the action's own, in the one database it is about, that never reconnects. */
import type { Redis } from 'ioredis';
import { closeRedis, openRedis } from '../../clients/redis.ts';
import type { ActionContext, Refused } from '../../domain/action.ts';
import { OutcomeUnknown } from '../../domain/outcome-unknown.ts';
import type { Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import { isReply } from './inspect.ts';

/**
 * Runs `use` on a connection that is in `db`, and closes it. An error that Redis answers with becomes a refusal;
 * one of the connection is thrown.
 */
export async function onRedis<T>(
  target: Target,
  db: number,
  context: ActionContext,
  use: (redis: Redis) => Promise<T>,
): Promise<T | Refused> {
  const { url } = target;
  if (url === null) return { refused: `no address is configured for ${target.service}` };
  if (!/^rediss?:\/\//iu.test(url))
    return { refused: `the address of ${target.service} is not a redis:// one` };
  let redis: Redis | null = null;
  try {
    redis = await openRedis(url, { signal: context.signal, timeoutMs: context.timeoutMs, db });
    // Asked for and waited for here too: in the wrong database every later line would be about other data.
    await redis.select(db);
    return await use(redis);
  } catch (error) {
    // That nobody knows what became of a call matters more than why it was given up.
    if (error instanceof OutcomeUnknown) throw error;
    context.signal.throwIfAborted();
    if (isReply(error)) return { refused: `Redis refused: ${oneLine(error.message)}` };
    throw error;
  } finally {
    if (redis !== null) closeRedis(redis);
  }
}

/** Results of a pipeline. ioredis puts errors of the connection among the answers: those are thrown here. */
export async function answers(pipeline: {
  exec(): Promise<[Error | null, unknown][] | null>;
}): Promise<readonly (readonly [Error | null, unknown])[]> {
  const results = (await pipeline.exec()) ?? [];
  for (const [error] of results) if (error !== null && !isReply(error)) throw error;
  return results;
}
