/** `dockerd` with folders, socket and processes of its own, and a network that touches nothing of the machine's. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { openDocker } from '../../src/clients/docker.ts';
import { findProgram, waitFor } from './program.ts';

const run = promisify(execFile);

export interface SpawnedEngine {
  readonly host: string;
  readonly pid: number;
  readonly dir: string;
}

const START_MS = 60_000;
const STOP_MS = 20_000;
/** The second works on file systems that can't be stacked, such as a container's own overlay. */
const DRIVERS = ['overlay2', 'vfs'];

/** @throws with the end of its log, for each storage driver, when it doesn't start. */
export async function spawnEngine(): Promise<SpawnedEngine> {
  const program = await findProgram('dockerd', 'docker.io');
  const failures: string[] = [];
  for (const driver of DRIVERS) {
    const dir = mkdtempSync(join(tmpdir(), 'pageturner-docker-'));
    const host = `unix://${dir}/docker.sock`;
    const log = openSync(join(dir, 'log'), 'w');
    const child = spawn(program, argumentsOf(dir, host, driver), {
      stdio: ['ignore', log, log],
      detached: true,
      // dockerd looks for containerd and runc beside itself.
      env: { ...process.env, PATH: `${process.env.PATH}:${dirname(program)}:/usr/sbin:/sbin` },
    });
    closeSync(log);
    child.unref();
    if (await becomesReady(child, host)) return { host, pid: child.pid ?? 0, dir };
    failures.push(`${driver}: ${readFileSync(join(dir, 'log'), 'utf8').slice(-1500)}`);
    await endEngine({ host, pid: child.pid ?? 0, dir });
  }
  throw new Error(`dockerd did not start: ${failures.join('\n')}`);
}

const argumentsOf = (dir: string, host: string, driver: string): readonly string[] => [
  `--data-root=${dir}/data`,
  `--exec-root=${dir}/exec`,
  `--pidfile=${dir}/pid`,
  `--host=${host}`,
  '--bridge=none',
  '--iptables=false',
  '--ip6tables=false',
  `--storage-driver=${driver}`,
];

async function becomesReady(child: ChildProcess, host: string): Promise<boolean> {
  const docker = openDocker(host, { timeoutMs: 2000 });
  const began = await waitFor('dockerd', START_MS, async () => {
    if (child.exitCode !== null || child.signalCode !== null) return 'ended';
    await docker.ping();
    return 'ready';
  }).catch(() => 'late');
  return began === 'ready';
}

/** Ends its containers with it, then removes its folder. */
export async function endEngine({ pid, dir }: SpawnedEngine): Promise<void> {
  if (pid > 1 && isAlive(pid)) {
    process.kill(pid, 'SIGTERM');
    await waitFor('dockerd to end', STOP_MS, () => !isAlive(pid)).catch(() => process.kill(pid, 'SIGKILL'));
  }
  // What a container on the machine's own network leaves behind: a mount, which would keep the folder there.
  await run('umount', [join(dir, 'exec/netns/default')]).catch(() => undefined);
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
