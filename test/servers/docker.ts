/** A real Docker engine: the one given, else `dockerd` started for this run alone, with a network that touches nothing. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type Docker from 'dockerode';
import { inject } from 'vitest';
import { openDocker } from '../../src/clients/docker.ts';
import { findProgram, waitFor } from './program.ts';

const run = promisify(execFile);
const START_MS = 60_000;
const STATE = 'docker.json';
const IMAGE = 'pageturner-test/busybox:1';

export interface DockerEngine {
  /** `unix:///…/docker.sock` */
  readonly host: string;
  readonly docker: Docker;
  /** A small image with busybox as its only program; its name. */
  importBusybox(): Promise<string>;
  /** Nothing for an engine that others share. */
  stop(): Promise<void>;
}

function engine(host: string, stop: () => Promise<void>): DockerEngine {
  const docker = openDocker(host, { timeoutMs: 60_000 });
  return { host, docker, importBusybox: () => importBusybox(docker), stop };
}

async function answers(host: string): Promise<boolean> {
  return openDocker(host, { timeoutMs: 2000 })
    .ping()
    .then(
      () => true,
      () => false,
    );
}

/** The given engine, or the one this run's tests share: started by the first that asks, stopped at the run's end. */
export async function startDocker(): Promise<DockerEngine> {
  const given = process.env.TEST_DOCKER_HOST;
  if (given !== undefined && given !== '') return engine(given, async () => undefined);
  const runDir = inject('runDir');
  const state = join(runDir, STATE);
  const lock = join(runDir, 'docker.lock');
  return waitFor('the run’s Docker engine', 2 * START_MS, async () => {
    if (existsSync(state)) {
      const { host } = JSON.parse(readFileSync(state, 'utf8')) as { host: string };
      return engine(host, async () => undefined);
    }
    try {
      mkdirSync(lock);
    } catch {
      return null;
    }
    const own = await spawnEngine();
    writeFileSync(state, JSON.stringify({ host: own.host, pid: own.pid, dir: own.dir }));
    return engine(own.host, async () => undefined);
  });
}

/** An engine of one's own, to stop and restart. */
export async function startOwnDocker(): Promise<DockerEngine> {
  const own = await spawnEngine();
  return engine(own.host, () => endEngine(own.pid, own.dir));
}

interface Spawned {
  readonly host: string;
  readonly pid: number;
  readonly dir: string;
}

async function spawnEngine(): Promise<Spawned> {
  const program = await findProgram('dockerd', 'docker.io');
  const failures: string[] = [];
  for (const driver of ['overlay2', 'vfs']) {
    const dir = mkdtempSync(join(tmpdir(), 'pageturner-docker-'));
    const host = `unix://${dir}/docker.sock`;
    const log = openSync(join(dir, 'log'), 'w');
    const child = spawn(
      program,
      [
        '--data-root',
        `${dir}/data`,
        '--exec-root',
        `${dir}/exec`,
        '--pidfile',
        `${dir}/pid`,
        '--host',
        host,
        '--bridge',
        'none',
        '--iptables=false',
        '--ip6tables=false',
        '--storage-driver',
        driver,
      ],
      { stdio: ['ignore', log, log], detached: true },
    );
    child.unref();
    const up = await becomesReady(child, host);
    if (up) return { host, pid: child.pid ?? 0, dir };
    failures.push(`${driver}: ${readFileSync(join(dir, 'log'), 'utf8').slice(-1500)}`);
    await endEngine(child.pid ?? 0, dir);
  }
  throw new Error(`dockerd did not start: ${failures.join('\n')}`);
}

async function becomesReady(child: ChildProcess, host: string): Promise<boolean> {
  try {
    await waitFor('dockerd', START_MS, async () => {
      if (child.exitCode !== null) return 'ended';
      return (await answers(host)) ? 'ready' : null;
    });
    return child.exitCode === null;
  } catch {
    return false;
  }
}

async function endEngine(pid: number, dir: string): Promise<void> {
  const alive = () => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };
  if (pid > 0 && alive()) {
    process.kill(pid, 'SIGTERM');
    await waitFor('dockerd to end', 20_000, () => !alive()).catch(() => process.kill(pid, 'SIGKILL'));
  }
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
}

export async function stopSharedEngine(runDir: string): Promise<void> {
  const state = join(runDir, STATE);
  if (!existsSync(state)) return;
  const { pid, dir } = JSON.parse(readFileSync(state, 'utf8')) as Spawned;
  await endEngine(pid, dir);
}

async function importBusybox(docker: Docker): Promise<string> {
  const there = await docker.listImages({ filters: JSON.stringify({ reference: [IMAGE] }) });
  if (there.length > 0) return IMAGE;
  const busybox = await findProgram('busybox', 'busybox-static');
  const root = mkdtempSync(join(tmpdir(), 'pageturner-busybox-'));
  try {
    mkdirSync(join(root, 'bin'));
    await run('cp', [busybox, join(root, 'bin', 'busybox')]);
    for (const name of ['sh', 'sleep', 'cat', 'echo', 'dd', 'ls', 'timeout'])
      await run('ln', ['-s', 'busybox', join(root, 'bin', name)]);
    await run('tar', ['-C', root, '-cf', join(root, '..', 'pageturner-busybox.tar'), 'bin']);
    const [repository, tag] = IMAGE.split(':');
    const stream = await docker.importImage(join(root, '..', 'pageturner-busybox.tar'), {
      repo: repository,
      tag,
    });
    await new Promise<void>((resolve, reject) =>
      docker.modem.followProgress(stream, (error) => (error ? reject(error) : resolve())),
    );
    return IMAGE;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
