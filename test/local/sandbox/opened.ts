/** A sandbox in a folder of its own, for one test. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Redis } from 'ioredis';
import { openSandbox, type Sandbox, type SandboxOptions } from '../../../src/local/sandbox/open-sandbox.ts';
import { findProgram } from '../../servers/program.ts';
import type { Receiver } from './receiver.ts';

export const NO_DOCKER = 'unix:///nowhere/docker.sock';
export const QUICK = { readMs: 50, repeatMs: 200 };

export async function dataFolder(): Promise<{ dir: string; remove: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'pageturner-sandbox-'));
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}

export async function opened(
  dataDir: string,
  receiver: Receiver,
  more: Partial<SandboxOptions> = {},
): Promise<Sandbox> {
  return openSandbox({
    dataDir,
    webhook: { url: () => receiver.url, token: receiver.token },
    postgresUrl: 'postgres://pageturner:secret@127.0.0.1:5433/pageturner',
    dockerHost: NO_DOCKER,
    log: () => undefined,
    signal: new AbortController().signal,
    pace: QUICK,
    path: dirname(await findProgram('redis-server', 'redis-server')),
    ...more,
  });
}

export function redisUrl(sandbox: Sandbox): string {
  return sandbox.env.MOALOG_REDIS_URL ?? '';
}

/** Runs `use` on a connection to that address. */
export async function onRedis<T>(url: string, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: null, enableReadyCheck: false });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}

export async function runId(url: string): Promise<string | null> {
  return onRedis(url, async (redis) => /run_id:(\w+)/.exec(await redis.info('server'))?.[1] ?? null).catch(
    () => null,
  );
}
