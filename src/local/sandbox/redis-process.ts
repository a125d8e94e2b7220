/** The sandbox's Redis as a process of this machine: started, found again, ended. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { closeRedis, redisInfo } from '../../clients/redis.ts';
import { isFree } from './free-port.ts';
import { keepText, lastLine } from './kept-file.ts';
import { ENVIRONMENT_MARK, openSandboxConnection, type RedisAddress, SANDBOX_MARK } from './redis-address.ts';

export const MAX_MEMORY = '64mb';
/** Milliseconds until a Redis that was started must answer. */
const START_DEADLINE_MS = 10_000;
/** Milliseconds that Redis has to end in. */
const END_DEADLINE_MS = 3_000;

export interface RedisProgram {
  readonly file: string;
  /** Debian's redis-server is redis-check-rdb under another name: the name decides what the program does. */
  readonly argv0: string;
}

/** Settings beside address and place; the policy is wrong on purpose: the diagnosis has something to find. */
export const SANDBOX_SETTINGS: readonly (readonly string[])[] = [
  ['maxmemory', MAX_MEMORY],
  ['maxmemory-policy', 'noeviction'],
  ['save', ''],
  ['appendonly', 'no'],
  ['user', SANDBOX_MARK, 'off'],
  ['user', ENVIRONMENT_MARK, 'off'],
];

/**
 * Starts Redis, waits until it answers, and returns what kills it and nothing else. It is no child that ends with
 * the terminal (Ctrl-C goes to the whole process group): the bot ends it, and after a kill -9 of the bot the next
 * start finds it by its address.
 * @throws with what Redis said last when it ends at once or never answers.
 */
export async function startRedisProcess(
  program: RedisProgram,
  dir: string,
  address: RedisAddress,
  signal: AbortSignal,
): Promise<() => void> {
  const configuration = join(dir, 'redis.conf');
  const logFile = join(dir, 'redis.log');
  await keepText(configuration, await configurationText(dir, address));
  const log = await open(logFile, 'w', 0o600);
  const child = spawn(program.file, [configuration], {
    argv0: program.argv0,
    cwd: dir,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: {},
  });
  child.unref();
  const given = new AbortController();
  try {
    const ended = once(child, 'exit').then(
      ([code]) => `it ended with code ${String(code)}: `,
      (error: unknown) => `it can't be started: ${String(error)} `,
    );
    const waiting = AbortSignal.any([signal, given.signal]);
    const failure = await Promise.race([ended, untilAnswers(address, waiting)]);
    if (failure !== null) {
      throw new Error(`Redis (${program.file}) did not start; ${failure}${await lastLine(logFile)}`);
    }
    return () => child.kill('SIGKILL');
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    given.abort();
    await log.close();
  }
}

async function configurationText(dir: string, address: RedisAddress): Promise<string> {
  const quote = (text: string) => (text === '' || /[\s"']/.test(text) ? JSON.stringify(text) : text);
  const settings: readonly (readonly string[])[] = [
    ['bind', '127.0.0.1'],
    ['port', String(address.port)],
    ['requirepass', address.password],
    ['daemonize', 'no'],
    ['dir', await realpath(dir)],
    ['pidfile', pidFile(await realpath(dir))],
    ...SANDBOX_SETTINGS,
  ];
  return `${settings.map((words) => words.map(quote).join(' ')).join('\n')}\n`;
}

function pidFile(dir: string): string {
  return join(dir, 'redis.pid');
}

async function untilAnswers(address: RedisAddress, signal: AbortSignal): Promise<string | null> {
  const deadline = Date.now() + START_DEADLINE_MS;
  while (Date.now() < deadline) {
    signal.throwIfAborted();
    try {
      closeRedis(await openSandboxConnection(address, { signal, timeoutMs: 1_000 }));
      return null;
    } catch {
      await delay(20, undefined, { signal });
    }
  }
  return `it did not answer within ${START_DEADLINE_MS / 1000} s: `;
}

/**
 * Whether the sandbox's Redis runs: something answers to the kept password at the kept address, carries the mark,
 * and is the process that the pid file in this folder names.
 */
export async function isRedisProcessRunning(
  dir: string,
  address: RedisAddress,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const redis = await openSandboxConnection(address, { signal, timeoutMs: 1_000 });
    try {
      const pid = Number((await redisInfo(redis, 'server')).process_id);
      const written = Number(await readFile(pidFile(dir), 'utf8'));
      return pid > 1 && pid === written;
    } finally {
      closeRedis(redis);
    }
  } catch {
    return false;
  }
}

/** Asks the sandbox's Redis to end and waits until it has. @throws when it doesn't answer, or doesn't end in time. */
export async function endRedisProcess(dir: string, address: RedisAddress): Promise<void> {
  const signal = AbortSignal.timeout(END_DEADLINE_MS);
  if (!(await isRedisProcessRunning(dir, address, signal)))
    throw new Error('the sandbox’s Redis does not answer');
  const redis = await openSandboxConnection(address, { signal, timeoutMs: 1_000 });
  // It answers by closing the connection.
  await redis.call('SHUTDOWN', 'NOSAVE').catch(() => null);
  closeRedis(redis);
  while (!(await isFree(address.port))) await delay(20, undefined, { signal });
}
