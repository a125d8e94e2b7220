/** One process group of this machine: started without a shell, and ended wholly. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Output } from './output.ts';

export interface Ended {
  readonly code: number | null;
  /** The signal that ended it, if one did. */
  readonly signal: string | null;
  /** It was ended by us: at the timeout, or because it was aborted. */
  readonly stopped: boolean;
}

export interface Run {
  readonly file: string;
  readonly argv: readonly string[];
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Milliseconds between SIGTERM and SIGKILL. */
const GRACE_MS = 5_000;
/** Milliseconds for the last output of a program that has ended, or of one that stays in the background. */
const LAST_WORDS_MS = 1_000;
const POLL_MS = 25;

/** Rejects with the system's error when it could not be started: nothing was run then. */
export async function runInFolder(run: Run, output: Output, signal: AbortSignal): Promise<Ended> {
  const [name = run.file, ...args] = run.argv;
  const child = spawn(run.file, args, {
    argv0: name,
    cwd: run.folder,
    env: run.env,
    // A session and process group of its own: what it starts is ended with it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: false,
  });
  child.stdout.on('data', (part: Buffer) => output.take(part, 'stdout'));
  child.stderr.on('data', (part: Buffer) => output.take(part, 'stderr'));
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = Promise.withResolvers<'stop'>();
  const onAbort = (): void => stop.resolve('stop');
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    const exited = exitOf(child);
    const first = await Promise.race([exited, stop.promise]);
    if (first === 'stop' && child.pid !== undefined) await endGroup(child.pid);
    const { code, signal: by } = await exited;
    const stopped = first === 'stop' && code !== 0;
    await Promise.race([closed, sleep(LAST_WORDS_MS)]);
    return { code, signal: by, stopped };
  } finally {
    signal.removeEventListener('abort', onAbort);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

function exitOf(
  child: ChildProcess,
): Promise<{ readonly code: number | null; readonly signal: string | null }> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

/** Its leader may have ended while others of the group go on: the group is what is asked for. */
async function endGroup(pid: number): Promise<void> {
  signalGroup(pid, 'SIGTERM');
  const patience = performance.now() + GRACE_MS;
  while (signalGroup(pid, 0)) {
    if (performance.now() > patience) {
      signalGroup(pid, 'SIGKILL');
      return;
    }
    await sleep(POLL_MS);
  }
}

/** False: nobody is left in that group. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}
