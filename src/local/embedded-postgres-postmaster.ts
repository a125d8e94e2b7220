/** The server's process: which one runs on a data folder, and its end. */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Postmaster {
  readonly pid: number;
  readonly port: number;
}

const POLL_MS = 20;
/** Together within the 5 s that a stop may take. */
const FAST_MS = 4000;
const IMMEDIATE_MS = 1000;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** The command line of a process; empty when there is none. */
function commandOf(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

/**
 * The server that runs on this folder. Line 1 of its file is the process, line 4 the port (postgresql.org,
 * "postmaster.pid"). After a reboot the number may be another program's: only one that names the folder counts.
 */
export function findPostmaster(data: string): Postmaster | null {
  let lines: string[];
  try {
    lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return null;
  }
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  if (!Number.isInteger(pid) || !Number.isInteger(port) || pid <= 1 || port <= 0) return null;
  return isAlive(pid) && commandOf(pid).includes(data) ? { pid, port } : null;
}

/** Removes a file that a server which is gone has left, so that its number in other hands is no obstacle. */
export function removeStalePidFile(data: string): void {
  const file = join(data, 'postmaster.pid');
  let pid: number;
  try {
    pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  } catch {
    return;
  }
  if (!Number.isInteger(pid) || !isAlive(pid) || !commandOf(pid).includes(data))
    rmSync(file, { force: true });
}

/** "Fast" shutdown: open transactions are rolled back, the rest is written out (postgresql.org, "pg_ctl stop"). */
export async function stopPostmaster(pid: number): Promise<void> {
  for (const [signal, patienceMs] of [
    ['SIGINT', FAST_MS],
    ['SIGQUIT', IMMEDIATE_MS],
  ] as const) {
    if (!isAlive(pid)) return;
    process.kill(pid, signal);
    const deadline = performance.now() + patienceMs;
    while (isAlive(pid) && performance.now() < deadline) await sleep(POLL_MS);
  }
}
