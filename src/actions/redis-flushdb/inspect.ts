/** What a Redis is, read on the connection that will be used, and every reason not to touch it. */
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { redisInfo } from '../../clients/redis.ts';
import type { Refused, SelfIdentity } from '../../domain/action.ts';
import type { Facts } from '../../domain/probe.ts';
import type { Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';

const SANDBOX_USER = 'pageturner-sandbox';
const MARKER_USER = /^pageturner-env-(.+)$/u;
const USERS = z.array(z.string());

export interface Inspected {
  readonly identity: Facts;
  readonly marker: string | null;
  readonly info: Readonly<Record<string, string>>;
}

/** Reads only. `db` must be the database that this connection is in. */
export async function inspectRedis(
  redis: Redis,
  target: Target,
  db: number,
  self: SelfIdentity,
): Promise<Inspected | Refused> {
  const info = await redisInfo(redis);
  const runId = info.run_id ?? '';
  if (runId === '') return { refused: 'this Redis tells no run_id, so it could not be recognised again' };
  if (info.redis_mode === 'sentinel')
    return { refused: 'this is a Redis Sentinel, which holds no data; name the primary' };
  if (info.cluster_enabled === '1') {
    return {
      refused: 'this is one node of a Redis Cluster: FLUSHDB would empty its share alone, not the database',
    };
  }
  if (info.role !== 'master') {
    const primary = `${info.master_host ?? '?'}:${info.master_port ?? '?'}`;
    return { refused: `this Redis is a replica of ${oneLine(primary, 80)}; flush the primary` };
  }
  const own = await ownQueue(runId, self);
  if (own !== null) return { refused: own };
  const users = await aclUsers(redis);
  if (target.sandboxOnly && !users?.includes(SANDBOX_USER)) {
    return { refused: `local mode only changes the sandbox, and this Redis has no ACL user ${SANDBOX_USER}` };
  }
  const markers = (users ?? []).flatMap((user) => MARKER_USER.exec(user)?.[1] ?? []);
  const [marker = null, second] = markers;
  if (second !== undefined) {
    return {
      refused: `this Redis carries several environment markers (${oneLine(markers.join(', '))}): remove the wrong ones`,
    };
  }
  if (marker !== null && marker !== target.environment) {
    const found = oneLine(marker, 40);
    return {
      refused: `this Redis is marked ${found}, but the catalog says ${target.environment}: nothing is done`,
    };
  }
  return {
    identity: { run_id: runId, role: 'master', db, redis_version: info.redis_version ?? null },
    marker,
    info,
  };
}

/** Why this may be the Redis that the bot queues on, or null when it isn't. Not knowing is a reason too. */
async function ownQueue(runId: string, self: SelfIdentity): Promise<string | null> {
  try {
    const own = (await self.queueRedisRunId()) === runId || (await self.queueReplicaRunIds()).includes(runId);
    return own ? "this Redis holds the bot's own queue, whatever name or address leads to it" : null;
  } catch {
    return "whether this Redis holds the bot's own queue can't be told, as the queue does not answer";
  }
}

/** Names of the ACL users, or null when they can't be read (Redis before 6, or a user without that right). */
async function aclUsers(redis: Redis): Promise<readonly string[] | null> {
  try {
    return USERS.parse(await redis.call('ACL', 'USERS'));
  } catch (error) {
    if (isReply(error)) return null;
    throw error;
  }
}

/** Redis answered, with an error: it is reachable, and nothing was done. */
export function isReply(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError';
}

/** What differs between the identity (and marker) of a plan and of what is there now, for people. */
export function identityDiffers(
  plan: { readonly identity: Facts; readonly marker: string | null },
  now: Inspected,
): readonly string[] {
  const names = Object.keys({ ...plan.identity, ...now.identity });
  return [
    ...names
      .filter((name) => plan.identity[name] !== now.identity[name])
      .map((name) => `${name} was ${plan.identity[name]}, is ${now.identity[name]}`),
    ...(plan.marker === now.marker ? [] : [`marker was ${plan.marker}, is ${now.marker}`]),
  ];
}
