/** A real Docker engine for the run's tests, shared by them; or one to oneself. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { inject } from 'vitest';
import { DEFAULT_DOCKER_HOST, openDocker } from '../../src/clients/docker.ts';
import { importBusybox } from './busybox.ts';
import { withLock } from './lock.ts';
import { endEngine, type SpawnedEngine, spawnEngine } from './spawn-engine.ts';

const START_MS = 150_000;
const CALL_MS = 60_000;
const PING_MS = 2000;
const STATE = 'docker.json';

export interface DockerEngine {
  /** `unix:///…/docker.sock` */
  readonly host: string;
  readonly docker: Docker;
  /** A small image with busybox as its only program; its name. */
  importBusybox(): Promise<string>;
  /** Nothing for an engine that others share. */
  stop(): Promise<void>;
}

/** What the first test that asked has found, for the others. */
interface State {
  readonly host: string | null;
  /** Present when it was started for this run. */
  readonly spawned: SpawnedEngine | null;
  readonly problem: string;
}

function engine(host: string, stop: () => Promise<void>): DockerEngine {
  const docker = openDocker(host, { timeoutMs: CALL_MS });
  return { host, docker, importBusybox: () => importBusybox(docker), stop };
}

/**
 * `TEST_DOCKER_HOST` if given; else an engine started for this run; else, where none can be started, `DOCKER_HOST` or
 * the machine's own. An engine of the run's own comes first because these tests remove volumes: a developer's engine
 * holds volumes that are no test's.
 */
export async function startDocker(): Promise<DockerEngine> {
  const given = process.env.TEST_DOCKER_HOST;
  if (given !== undefined && given !== '') return engine(given, async () => undefined);
  const runDir = inject('runDir');
  const { host, problem } = await withLock(join(runDir, 'docker.lock'), START_MS, async () => {
    const found = readState(runDir) ?? (await findEngine());
    writeFileSync(join(runDir, STATE), JSON.stringify(found));
    return found;
  });
  if (host === null) throw new Error(problem);
  return engine(host, async () => undefined);
}

/** An engine of one's own, to stop and restart. */
export async function startOwnDocker(): Promise<DockerEngine> {
  const own = await spawnEngine();
  return engine(own.host, () => endEngine(own));
}

/** At the end of the run. */
export async function stopSharedEngine(runDir: string): Promise<void> {
  const spawned = readState(runDir)?.spawned;
  if (spawned) await endEngine(spawned);
}

function readState(runDir: string): State | null {
  const file = join(runDir, STATE);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as State) : null;
}

async function findEngine(): Promise<State> {
  try {
    const spawned = await spawnEngine();
    return { host: spawned.host, spawned, problem: '' };
  } catch (error) {
    for (const host of [process.env.DOCKER_HOST ?? '', DEFAULT_DOCKER_HOST]) {
      if (host !== '' && (await answers(host))) return { host, spawned: null, problem: '' };
    }
    const why = error instanceof Error ? error.message : String(error);
    return { host: null, spawned: null, problem: `no Docker engine: set TEST_DOCKER_HOST; ${why}` };
  }
}

async function answers(host: string): Promise<boolean> {
  return openDocker(host.replace(/^tcp:/u, 'http:'), { timeoutMs: PING_MS })
    .ping()
    .then(
      () => true,
      () => false,
    );
}
