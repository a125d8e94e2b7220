/** A program run by its argument array, its output streamed and its end waited for; never through a shell. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

export interface Streamed {
  /** Null when it was ended by a signal. */
  readonly code: number | null;
  /** The last lines of what it wrote beside its output, at most 4,000 characters. */
  readonly said: string;
}

export interface StreamOptions {
  /** All that the program is given; PATH, HOME and LANG are added. */
  readonly env: Readonly<Record<string, string>>;
  /** SIGTERM at once, SIGKILL 5 s later. */
  readonly signal: AbortSignal;
  /** Takes all that it prints; rejecting ends the program. */
  readonly output?: (from: Readable) => Promise<void>;
  /** Gives all that it reads; rejecting ends the program. */
  readonly input?: (to: Writable) => Promise<void>;
  /** Each line beside its output, as it comes. */
  readonly line?: (line: string) => void;
}

const SAID_CHARACTERS = 4000;
const LONGEST_LINE = 500;
const PATIENCE_MS = 5000;

/** Rejects when it can't be started or is stopped, and with what `output` or `input` rejected with. */
export async function streamProgram(
  program: string,
  args: readonly string[],
  options: StreamOptions,
): Promise<Streamed> {
  options.signal.throwIfAborted();
  const { PATH = '', HOME = '', LANG = 'C.UTF-8' } = process.env;
  const child = spawn(program, args, {
    env: { PATH, HOME, LANG, ...options.env },
    stdio: [
      options.input === undefined ? 'ignore' : 'pipe',
      options.output === undefined ? 'ignore' : 'pipe',
      'pipe',
    ],
  });
  let patience: NodeJS.Timeout | undefined;
  const end = (): void => {
    child.kill('SIGTERM');
    patience ??= setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  };
  // With us it ends too: its pipes break, and what it reads comes to an end.
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  options.signal.addEventListener('abort', end, { once: true });
  let said = '';
  const { stdin, stdout, stderr } = child;
  if (stderr !== null) {
    createInterface(stderr).on('line', (line) => {
      said = `${said}${line.slice(0, LONGEST_LINE)}\n`.slice(-SAID_CHARACTERS);
      options.line?.(line.slice(0, LONGEST_LINE));
    });
  }
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code));
  });
  const guarded = (work: Promise<void> | undefined): Promise<void> =>
    (work ?? Promise.resolve()).catch((error: unknown) => {
      end();
      throw error;
    });
  try {
    const results = await Promise.allSettled([
      ended,
      guarded(stdout === null ? undefined : options.output?.(stdout)),
      // A program that ends early no longer reads; that it did says its own exit code.
      guarded(stdin === null ? undefined : options.input?.(stdin)),
    ]);
    options.signal.throwIfAborted();
    const [code, output, input] = results;
    if (code.status === 'rejected') throw code.reason;
    if (output.status === 'rejected') throw output.reason;
    if (input.status === 'rejected' && !isBrokenPipe(input.reason)) throw input.reason;
    return { code: code.value, said: said.trim() };
  } finally {
    clearTimeout(patience);
    process.removeListener('exit', killWithUs);
    options.signal.removeEventListener('abort', end);
  }
}

const isBrokenPipe = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  /^(EPIPE|ERR_STREAM_PREMATURE_CLOSE|ECONNRESET)$/u.test(String(error.code));
