/** Where the sandbox's Redis is and its password: made once, kept, so that it can be found again after a kill. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { closeRedis, openRedis } from '../../clients/redis.ts';
import { keep, keepText, readKept } from './kept-file.ts';

/** The ACL user that says: local mode may change this Redis. It is off and may do nothing. */
export const SANDBOX_MARK = 'pageturner-sandbox';
/** The environment marker. */
export const ENVIRONMENT_MARK = 'pageturner-env-dev';

export interface RedisAddress {
  readonly port: number;
  readonly password: string;
  /** With the password: never to be shown. */
  readonly url: string;
}

const KeptPort = z.object({ port: z.number().int().min(1).max(65535) });

export function redisAddress(port: number, password: string): RedisAddress {
  return { port, password, url: `redis://:${password}@127.0.0.1:${port}/0` };
}

/** The file to give to `redis-cli`: it holds the password and nothing else. */
export function passwordFile(dir: string): string {
  return join(dir, 'redis-password');
}

/** The address used last in this folder, or null. */
export async function keptAddress(dir: string): Promise<RedisAddress | null> {
  const kept = await readKept(join(dir, 'redis-port.json'), KeptPort);
  const password = await keptPassword(dir);
  return kept === null || password === null ? null : redisAddress(kept.port, password);
}

/** Keeps the port, and makes the password when there is none yet. */
export async function keepAddress(dir: string, port: number): Promise<RedisAddress> {
  const known = await keptPassword(dir);
  const password = known ?? randomBytes(24).toString('hex');
  if (known === null) await keepText(passwordFile(dir), password);
  await keep(join(dir, 'redis-port.json'), { port });
  return redisAddress(port, password);
}

async function keptPassword(dir: string): Promise<string | null> {
  try {
    const text = (await readFile(passwordFile(dir), 'utf8')).trim();
    return /^[0-9a-f]{32,}$/.test(text) ? text : null;
  } catch {
    return null;
  }
}

/**
 * A connection to the sandbox's Redis and to no other: what answers must know the password and carry the mark.
 * @throws when nothing answers, or something that is not the sandbox's.
 */
export async function openSandboxConnection(
  address: RedisAddress,
  options: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<Redis> {
  const redis = await openRedis(address.url, options);
  try {
    const users: unknown = await redis.call('ACL', 'USERS');
    if (!Array.isArray(users) || !users.includes(SANDBOX_MARK)) {
      throw new Error(`the Redis at 127.0.0.1:${address.port} is not the sandbox's: it is left alone`);
    }
    return redis;
  } catch (error) {
    closeRedis(redis);
    throw error;
  }
}
