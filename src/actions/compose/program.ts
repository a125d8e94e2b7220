/** The Compose program: found once, asked and run by argument arrays for one project of one engine. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { z } from 'zod';
import type { ActionContext } from '../../domain/action.ts';
import { oneLine, plain } from '../../domain/text.ts';
import { type Env, readEnvironment } from '../command/environment.ts';
import type { Output } from '../command/output.ts';
import { type Ended, runInFolder } from '../command/run-in-folder.ts';

export interface ComposeProgram {
  /** `['docker', 'compose']` or `['docker-compose']`. */
  readonly argv: readonly string[];
  /** `1.29.2`. */
  readonly version: string;
}

/** Null: none is on PATH. Rejects only when aborted. */
export type FindCompose = (signal: AbortSignal) => Promise<ComposeProgram | null>;

/** One project's file, and where the program is to find its engine. */
export interface ComposeFile {
  readonly project: string;
  /** Absolute. */
  readonly path: string;
  readonly dockerHost: string;
}

/** What the program makes of the file, without what its values are. */
export interface ComposeConfig {
  /** SHA-256 of the file with its variables filled in: another value is another configuration. */
  readonly sha256: string;
  readonly services: readonly string[];
  /** Names that the file gives its containers itself. */
  readonly containerNames: readonly string[];
  /** Variables that the file uses and the program is not given. */
  readonly unset: readonly string[];
}

const CANDIDATES = [['docker', 'compose'], ['docker-compose']] as const;
const VERSION_MS = 10_000;
const MAX_CONFIG_BYTES = 8 * 1_048_576;
const GIVEN = ['PATH', 'HOME', 'LANG'];
/** Compose 1: `The X variable is not set.`; Compose 2 quotes the name. */
const UNSET = /The \\?"?([A-Za-z_][A-Za-z0-9_]*)\\?"? variable is not set/gu;
/** The Compose specification; only names are read, as values may be secrets. */
const configured = z.object({
  services: z.record(z.string(), z.object({ container_name: z.string().optional() }).nullable()).nullish(),
});
const ask = promisify(execFile);

/** Asks each candidate for its version, once; when none is there, again at the next time. */
export function createFindCompose(env: Env): FindCompose {
  let found: ComposeProgram | null = null;
  return async (signal) => {
    for (const argv of found === null ? CANDIDATES : []) {
      const version = await versionOf(argv, env, signal);
      signal.throwIfAborted();
      if (version === null) continue;
      found = { argv, version };
      break;
    }
    return found;
  };
}

async function versionOf(argv: readonly string[], env: Env, signal: AbortSignal): Promise<string | null> {
  const [name = '', ...args] = argv;
  try {
    const { stdout } = await ask(name, [...args, 'version'], {
      env: await readEnvironment(env, GIVEN),
      signal: AbortSignal.any([signal, AbortSignal.timeout(VERSION_MS)]),
      killSignal: 'SIGKILL',
    });
    return /version:? v?([0-9][^\s,]*)/u.exec(stdout)?.[1] ?? null;
  } catch {
    return null;
  }
}

export function composeArguments(
  { argv }: ComposeProgram,
  { project, path }: Pick<ComposeFile, 'project' | 'path'>,
  args: readonly string[],
): readonly string[] {
  return [...argv, '--project-name', project, '--file', path, ...args];
}

/** `config` only reads the file. Throws an Error for a person when the program does not take it. */
export async function readConfig(
  program: ComposeProgram,
  file: ComposeFile,
  env: Env,
  { signal }: ActionContext,
): Promise<ComposeConfig> {
  const [name = '', ...args] = composeArguments(program, file, ['config']);
  const options = {
    cwd: dirname(file.path),
    env: await environmentOf(file, env),
    signal,
    killSignal: 'SIGKILL',
    maxBuffer: MAX_CONFIG_BYTES,
  } as const;
  try {
    const { stdout, stderr } = await ask(name, args, options);
    const services = configured.parse(parse(stdout)).services ?? {};
    return {
      sha256: createHash('sha256').update(stdout).digest('hex'),
      services: Object.keys(services),
      containerNames: Object.values(services).flatMap((service) => service?.container_name ?? []),
      unset: [...new Set([...plain(stderr).matchAll(UNSET)].flatMap(([, variable]) => variable ?? []))],
    };
  } catch (error) {
    signal.throwIfAborted();
    throw new Error(`the Compose file ${file.path} is not taken: ${said(error)}`, { cause: error });
  }
}

const said = (error: unknown): string => {
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  return oneLine(text || (error instanceof Error ? error.message : String(error)), 300);
};

/** Rejects with the system's error when it could not be started: nothing was run then. */
export async function runCompose(
  program: ComposeProgram,
  file: ComposeFile,
  args: readonly string[],
  env: Env,
  output: Output,
  signal: AbortSignal,
): Promise<Ended> {
  const argv = composeArguments(program, file, args);
  const run = { file: argv[0] ?? '', argv, folder: dirname(file.path), env: await environmentOf(file, env) };
  return runInFolder(run, output, signal);
}

/** Nothing of the bot's own environment but where programs are: a file's variables stand in the `.env` beside it. */
async function environmentOf(
  { dockerHost }: ComposeFile,
  env: Env,
): Promise<Readonly<Record<string, string>>> {
  const given = await readEnvironment(env, GIVEN);
  const url = new URL(dockerHost);
  if (url.protocol === 'unix:') return { ...given, DOCKER_HOST: dockerHost };
  const port = url.port === '' ? '2375' : url.port;
  return {
    ...given,
    DOCKER_HOST: `tcp://${url.hostname}:${port}`,
    ...(url.protocol === 'https:' ? { DOCKER_TLS_VERIFY: '1' } : {}),
  };
}
