/** A real Redis on a port of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findProgram, freePort } from './program.ts';
import { type RunningProgram, runProgram } from './run-program.ts';

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Kills it and starts it again on the same port: another `run_id`. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface RedisOptions {
  readonly password?: string;
  /** More of the command line; persistence is off unless asked for here. */
  readonly args?: readonly string[];
}

const START_MS = 10_000;

export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const program = await findProgram('redis-server', 'redis-server');
  const port = await freePort();
  const dir = mkdtempSync(join(tmpdir(), 'pageturner-redis-'));
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--appendonly', 'no'];
  const login = options.password === undefined ? '' : `:${encodeURIComponent(options.password)}@`;
  const password = options.password === undefined ? [] : ['--requirepass', options.password];
  const args = [...settings, '--save', '', ...password, ...(options.args ?? [])];
  const url = `redis://${login}127.0.0.1:${port}`;
  const start = (): Promise<RunningProgram> =>
    runProgram(program, { args, deadlineMs: START_MS, ready: () => answers(url) });
  let running = await start();
  return {
    url,
    port,
    get pid() {
      return running.pid;
    },
    async restart() {
      await running.stop('SIGKILL');
      running = await start();
    },
    async stop() {
      await running.stop('SIGKILL');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0 });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return (await redis.ping()) === 'PONG';
  } finally {
    redis.disconnect();
  }
}
