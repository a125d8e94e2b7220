/** A real Redis master with a replica, and Sentinels that watch both. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findProgram, freePort, waitFor } from './program.ts';
import { type RedisServer, startRedis } from './redis.ts';
import { type RunningProgram, runProgram } from './run-program.ts';

export const MASTER_NAME = 'pageturner';
const SENTINELS = 3;
const QUORUM = 2;
const START_MS = 10_000;

export interface SentinelRedis {
  /** `redis+sentinel://…` */
  readonly url: string;
  readonly master: RedisServer;
  readonly replica: RedisServer;
  /** The port of the master now. */
  masterPort(): Promise<number>;
  stop(): Promise<void>;
}

export async function startSentinelRedis(): Promise<SentinelRedis> {
  const program = await findProgram('redis-server', 'redis-server');
  const password = 'queue-password';
  const master = await startRedis({ password, args: ['--masterauth', password] });
  const replica = await startRedis({
    password,
    args: ['--masterauth', password, '--replicaof', '127.0.0.1', String(master.port)],
  });
  const dir = mkdtempSync(join(tmpdir(), 'pageturner-sentinel-'));
  const sentinels: { port: number; running: RunningProgram }[] = [];
  for (let i = 0; i < SENTINELS; i += 1) {
    const port = await freePort();
    const file = join(dir, `sentinel-${i}.conf`);
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${dir}`,
      `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${master.port} ${QUORUM}`,
      `sentinel auth-pass ${MASTER_NAME} ${password}`,
      `sentinel down-after-milliseconds ${MASTER_NAME} 1000`,
      `sentinel failover-timeout ${MASTER_NAME} 3000`,
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    const ready = () => ask(port, 'PING').then((answer) => answer === 'PONG');
    sentinels.push({
      port,
      running: await runProgram(program, { args: [file, '--sentinel'], deadlineMs: START_MS, ready }),
    });
  }
  const [first] = sentinels;
  const firstPort = first?.port ?? 0;
  await waitFor('every Sentinel to know the replica and the others', 20_000, async () => {
    const known = await Promise.all(
      sentinels.map(async ({ port }) => {
        const replicas = await ask(port, 'SENTINEL', 'replicas', MASTER_NAME);
        const others = await ask(port, 'SENTINEL', 'sentinels', MASTER_NAME);
        return (
          Array.isArray(replicas) &&
          Array.isArray(others) &&
          replicas.length === 1 &&
          others.length === SENTINELS - 1 &&
          JSON.stringify(replicas).includes('"master-link-status","ok"')
        );
      }),
    );
    return known.every(Boolean);
  });
  return {
    url: `redis+sentinel://:${password}@${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${MASTER_NAME}/0`,
    master,
    replica,
    async masterPort() {
      const answer = await ask(firstPort, 'SENTINEL', 'get-master-addr-by-name', MASTER_NAME);
      return Array.isArray(answer) ? Number(answer[1]) : Number.NaN;
    },
    async stop() {
      for (const { running } of sentinels) await running.stop('SIGKILL');
      await master.stop();
      await replica.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function ask(port: number, command: string, ...args: readonly string[]): Promise<unknown> {
  const redis = new Redis({
    port,
    host: '127.0.0.1',
    lazyConnect: true,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await redis.call(command, ...args);
  } finally {
    redis.disconnect();
  }
}
