/** A process in a container, started by the engine and ended by `timeout` beside it. */
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { z } from 'zod';
import { openDocker } from '../../clients/docker.ts';
import type { ActionContext } from '../../domain/action.ts';
import { sayDuration } from '../../domain/duration.ts';
import { OutcomeUnknown } from '../../domain/outcome-unknown.ts';
import { oneLine } from '../../domain/text.ts';
import { answeredWith } from '../volumes-remove/engine.ts';
import { TIMEOUT_PROGRAM } from './container.ts';
import type { Output } from './output.ts';
import type { Ended } from './run-in-folder.ts';

export interface Exec {
  readonly docker: Docker;
  readonly exec: Docker.Exec;
  /** Seconds after which it is killed inside the container. */
  readonly seconds: number;
}

/** Milliseconds to find out how it ended, after the line to the engine was lost. */
const AFTERMATH_MS = 3_000;
const POLL_MS = 100;
/** What a shell, and the engine, say of a process that SIGKILL ended: 128 and the signal's number. */
const KILLED = 137;

const state = z.object({ Running: z.boolean(), ExitCode: z.number().nullish(), Pid: z.number().nullish() });

/**
 * Makes the exec, which is not started yet. `-s KILL` is the one form of `timeout` that coreutils and every busybox
 * know and that no program can ignore; it ends before the bot's own deadline, so that its end is still seen.
 */
export async function openExec(
  dockerHost: string,
  what: {
    readonly id: string;
    readonly argv: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  },
  context: ActionContext,
  began: number,
): Promise<Exec> {
  const docker = openDocker(dockerHost, { timeoutMs: context.timeoutMs });
  const left = context.timeoutMs - (performance.now() - began);
  const seconds = Math.max(1, Math.floor(left / 1000) - 1);
  const exec = await docker.getContainer(what.id).exec({
    Cmd: [TIMEOUT_PROGRAM, '-s', 'KILL', String(seconds), ...what.argv],
    Env: Object.entries(what.env).map(([name, value]) => `${name}=${value}`),
    AttachStdout: true,
    AttachStderr: true,
    abortSignal: context.signal,
  });
  return { docker, exec, seconds };
}

/** Throws OutcomeUnknown when it was started, or may have been, and how it ended can't be told. */
export async function runInContainer(
  { docker, exec, seconds }: Exec,
  output: Output,
  { signal }: ActionContext,
): Promise<Ended> {
  const began = performance.now();
  try {
    const stream = await exec.start({ hijack: false, stdin: false, abortSignal: signal });
    docker.modem.demuxStream(stream, taker(output, 'stdout'), taker(output, 'stderr'));
    await finished(stream, { signal });
  } catch (error) {
    const answer = answeredWith(error);
    // The engine's own refusal: the container stopped meanwhile, or is gone.
    if (answer !== null) throw Object.assign(new Error(answer.message), { syscall: 'spawn' });
    if (signal.aborted) throw stillRuns(seconds, error);
  }
  const found = await howItEnded(exec);
  if (found === null) throw stillRuns(seconds, null);
  const timedOut = found === KILLED && performance.now() - began >= seconds * 1000 - POLL_MS;
  return { code: found, signal: null, stopped: timedOut };
}

function taker(output: Output, from: 'stdout' | 'stderr'): PassThrough {
  const stream = new PassThrough();
  stream.on('data', (part: Buffer) => output.take(part, from));
  return stream;
}

/** Its exit code; null: it still runs, or the engine doesn't say. */
async function howItEnded(exec: Docker.Exec): Promise<number | null> {
  const patience = AbortSignal.timeout(AFTERMATH_MS);
  try {
    for (;;) {
      const { Running, ExitCode } = state.parse(await exec.inspect({ abortSignal: patience }));
      if (!Running) return ExitCode ?? null;
      await sleep(POLL_MS, undefined, { signal: patience });
    }
  } catch {
    return null;
  }
}

function stillRuns(seconds: number, cause: unknown): OutcomeUnknown {
  const why = cause instanceof Error ? ` (${oneLine(cause.message, 80)})` : '';
  return new OutcomeUnknown(
    `it was started, and how it ended is not known${why}: it may still run in the container, where it is killed ${sayDuration(seconds * 1000)} after its start`,
    { cause },
  );
}
