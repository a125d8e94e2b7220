/** A Redis that evicts would silently drop jobs: it is refused at the start. */
import { closeRedis, openRedis, redisInfo } from '../clients/redis.ts';
import { readQueueServers } from './queue-servers.ts';

const TIMEOUT_MS = 3000;

/** Null when it is good or can't be reached (the journal goes on without); else what to change. */
export async function checkQueueRedis(url: string, signal: AbortSignal): Promise<string | null> {
  const redis = await openMaster(url, signal).catch(() => null);
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
  const redis = await openMaster(url, signal);
  try {
    return (await redisInfo(redis, 'server')).run_id ?? null;
  } finally {
    closeRedis(redis);
  }
}

/** Of the replicas of the queue's Redis, any of which may hold the queue next. */
export async function queueReplicaRunIds(url: string, signal: AbortSignal): Promise<readonly string[]> {
  return (await readQueueServers(url, signal)).replicaRunIds;
}

async function openMaster(url: string, signal: AbortSignal): Promise<Awaited<ReturnType<typeof openRedis>>> {
  const { masterUrl } = await readQueueServers(url, signal);
  return openRedis(masterUrl, { signal, timeoutMs: TIMEOUT_MS });
}
