/** The sandbox's Redis, however this machine can have one: found again, started at once, or when it is installed. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { closeRedis } from '../../clients/redis.ts';
import { choosePort, isFree } from './free-port.ts';
import { keepAddress, keptAddress, openSandboxConnection, type RedisAddress } from './redis-address.ts';
import { endRedisContainer, isRedisContainerRunning, startRedisContainer } from './redis-container.ts';
import { installRedisTools } from './redis-package.ts';
import { endRedisProcess, isRedisProcessRunning, startRedisProcess } from './redis-process.ts';
import { seedMoalog } from './redis-seed.ts';
import { findRedisProgram, findRedisWay, type Machine, type RedisWay, withoutPackage } from './redis-way.ts';

export interface RedisStatus {
  readonly state: 'running' | 'coming' | 'missing' | 'failed' | 'stopped';
  /** What happened and what to do; null when it runs. */
  readonly line: string | null;
}

export interface SandboxRedis {
  /** Fixed from the start, also while the server is still being installed. */
  readonly address: RedisAddress;
  status(): RedisStatus;
  /** Runs `work` on a connection to the sandbox's Redis. @throws when it doesn't run. */
  use<T>(work: (redis: Redis) => Promise<T>): Promise<T>;
  /** Starts it again after somebody has stopped it. @throws with the reason when it can't be. */
  start(): Promise<void>;
  /** Ends it: its data is gone. */
  stop(): Promise<void>;
}

export interface SandboxRedisOptions {
  readonly dir: string;
  readonly machine: Machine;
  readonly log: (message: string, fields?: object) => void;
  readonly signal: AbortSignal;
}

/** What ends a Redis that runs. */
type End = () => Promise<void>;

/** Milliseconds between looks whether the one line has been typed. */
const LOOK_AGAIN_MS = 2_000;
const COMMAND_TIMEOUT_MS = 10_000;

/** Resolves when Redis runs, or when it can only come later. Rejects only when the folder can't be written. */
export async function openSandboxRedis(options: SandboxRedisOptions): Promise<SandboxRedis> {
  const { dir, machine, log } = options;
  const ending = new AbortController();
  const signal = AbortSignal.any([options.signal, ending.signal]);
  const before = await keptAddress(dir);
  let end: End | null = before === null ? null : await findFromBefore(options, before, signal);
  const address =
    before !== null && end !== null ? before : await keepAddress(dir, await choosePort(before?.port ?? null));
  let status: RedisStatus = { state: 'running', line: null };

  const connect = async <T>(work: (redis: Redis) => Promise<T>): Promise<T> => {
    const redis = await openSandboxConnection(address, { signal, timeoutMs: COMMAND_TIMEOUT_MS });
    try {
      return await work(redis);
    } finally {
      closeRedis(redis);
    }
  };
  const startBy = async (way: RedisWay): Promise<void> => {
    try {
      if (way.kind === 'package' || way.kind === 'none') {
        status = whatIsMissing(way);
        return await startBy(await obtain(way, options, signal));
      }
      if (way.kind === 'image') status = { state: 'coming', line: `Redis: starting from ${way.image}` };
      end = await startNow(way, options, address, signal);
      await connect(seedMoalog);
      status = { state: 'running', line: null };
    } catch (error) {
      if (signal.aborted) return;
      status = { state: 'failed', line: `Redis: ${messageOf(error)}` };
      log('the sandbox’s Redis did not start', { reason: messageOf(error) });
    }
  };

  let starting: Promise<void> = Promise.resolve();
  if (end === null) {
    const way = await findRedisWay(machine);
    starting = startBy(way);
    if (way.kind === 'program') await starting;
  } else log('the sandbox’s Redis still runs from before', { port: address.port });

  return {
    address,
    status: () => status,
    use: async (work) => {
      try {
        return await connect(work);
      } catch (error) {
        if (status.state === 'running' && !signal.aborted && (await isFree(address.port))) {
          status = { state: 'stopped', line: 'Redis: stopped; it can be started again here' };
        }
        throw error;
      }
    },
    start: async () => {
      if (status.state !== 'stopped' && status.state !== 'failed') return;
      starting = startBy(await findRedisWay(machine));
      await starting;
      if (status.state === 'failed') throw new Error(status.line ?? 'Redis did not start');
    },
    stop: async () => {
      ending.abort();
      await starting;
      await end?.();
    },
  };
}

/** What ends a Redis that was left running by a bot that was killed, or null: nothing there is ours. */
async function findFromBefore(
  { dir, machine }: SandboxRedisOptions,
  address: RedisAddress,
  signal: AbortSignal,
): Promise<End | null> {
  if (await isRedisProcessRunning(dir, address, signal)) {
    return () => endRedisProcess(dir, address).catch(() => undefined);
  }
  if (!(await isRedisContainerRunning(machine.dockerHost, address))) return null;
  return openSandboxConnection(address, { signal, timeoutMs: 1_000 }).then(
    (redis) => {
      closeRedis(redis);
      return () => endRedisContainer(machine.dockerHost, address);
    },
    () => null,
  );
}

async function startNow(
  way: Extract<RedisWay, { kind: 'program' | 'image' }>,
  { dir, machine }: SandboxRedisOptions,
  address: RedisAddress,
  signal: AbortSignal,
): Promise<End> {
  if (way.kind === 'image') {
    await startRedisContainer(machine.dockerHost, way.image, address, signal);
    return () => endRedisContainer(machine.dockerHost, address);
  }
  const kill = await startRedisProcess(way.program, dir, address, signal);
  return () => endRedisProcess(dir, address).catch(kill);
}

/** Installs, or waits until somebody has. Resolves with a way that starts at once, or to wait. */
async function obtain(
  way: Extract<RedisWay, { kind: 'package' | 'none' }>,
  { dir, machine, log }: SandboxRedisOptions,
  signal: AbortSignal,
): Promise<RedisWay> {
  if (way.kind === 'none') {
    for (;;) {
      await delay(LOOK_AGAIN_MS, undefined, { signal });
      const program = await findRedisProgram(machine.path);
      if (program !== null) return { kind: 'program', program };
    }
  }
  try {
    await installRedisTools(way.aptGet, dir, signal);
  } catch (error) {
    signal.throwIfAborted();
    log('redis-tools could not be installed', { reason: messageOf(error) });
  }
  const program = await findRedisProgram(machine.path);
  return program === null ? await withoutPackage(machine) : { kind: 'program', program };
}

function whatIsMissing(way: Extract<RedisWay, { kind: 'package' | 'none' }>): RedisStatus {
  return way.kind === 'package'
    ? {
        state: 'coming',
        line: 'Redis: installing Debian’s redis-tools; it starts by itself when that is done',
      }
    : {
        state: 'missing',
        line: `Redis: none on this machine; it starts by itself once you type: ${way.line}`,
      };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
