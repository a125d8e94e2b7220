/** A Redis that evicts would silently drop jobs: it is refused at the start. */
import { closeRedis, openRedis, redisInfo } from '../clients/redis.ts';

/** Null when it is good or can't be reached (the journal goes on without); else what to change. */
export async function checkQueueRedis(url: string, signal: AbortSignal): Promise<string | null> {
  const redis = await openRedis(url, { signal, timeoutMs: 3000 }).catch(() => null);
  if (redis === null) return null;
  try {
    const memory = await redisInfo(redis, 'memory');
    const policy = memory.maxmemory_policy ?? 'noeviction';
    if (policy === 'noeviction') return null;
    return `REDIS_URL: this Redis has maxmemory-policy ${policy} and would throw jobs away; expected noeviction, e.g. redis-cli CONFIG SET maxmemory-policy noeviction`;
  } finally {
    closeRedis(redis);
  }
}

/** `run_id` of the queue's Redis, so that a flush of the very same server is refused whatever its address. */
export async function queueRunId(url: string, signal: AbortSignal): Promise<string | null> {
  const redis = await openRedis(url, { signal, timeoutMs: 3000 });
  try {
    return (await redisInfo(redis, 'server')).run_id ?? null;
  } finally {
    closeRedis(redis);
  }
}
