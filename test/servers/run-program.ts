/** A server program as a child of the test: ready when it answers, ended with the test, never left behind. */
import { spawn } from 'node:child_process';
import { waitFor } from './program.ts';

const OUTPUT_CHARACTERS = 8000;
const STOP_MS = 10_000;

export interface RunningProgram {
  readonly pid: number;
  hasEnded(): boolean;
  /** The end of what it wrote. */
  output(): string;
  /** SIGTERM unless told otherwise; killed when it hasn't ended within 10 s. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface Start {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** As whom, for programs that refuse to be root's. */
  readonly uid?: number;
  readonly deadlineMs: number;
  /** True once the server answers. */
  ready(): Promise<boolean>;
}

/** @throws with what the program wrote when it ends before it is ready, or isn't ready in time. */
export async function runProgram(program: string, start: Start): Promise<RunningProgram> {
  const child = spawn(program, start.args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...start.env },
    ...(start.cwd === undefined ? {} : { cwd: start.cwd }),
    ...(start.uid === undefined ? {} : { uid: start.uid, gid: start.uid }),
  });
  let output = '';
  const keep = (part: Buffer): void => {
    output = `${output}${part}`.slice(-OUTPUT_CHARACTERS);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  }).then(() => process.removeListener('exit', killWithUs));

  async function stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!hasEnded()) child.kill(signal);
    const patience = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(patience);
  }

  const began = await waitFor(`${program} to be ready`, start.deadlineMs, async () =>
    hasEnded() ? 'ended' : (await start.ready()) && 'ready',
  ).catch((error: unknown) => error);
  if (began === 'ready') return { pid: child.pid ?? 0, hasEnded, output: () => output, stop };
  await stop('SIGKILL');
  throw new Error(`${program} did not start: ${output}`, { cause: began });
}
