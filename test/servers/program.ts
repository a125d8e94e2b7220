/** Where the tests' real servers come from: PATH, else Debian's package manager, else a line that says what to install. */

import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { accessSync, constants, existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { withLock } from './lock.ts';

const run = promisify(execFile);
const SBIN = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/lib/rabbitmq/bin'];
const INSTALL_MS = 10 * 60_000;
/** One install at a time on the machine, whichever test worker asks. */
const APT_LOCK = join(tmpdir(), 'pageturner-apt.lock');
const POLL_MS = 20;

function onPath(name: string): string | null {
  if (isAbsolute(name)) return existsSync(name) ? name : null;
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), ...SBIN]) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not there: the next folder.
    }
  }
  return null;
}

/**
 * `name`: a program's, or the path of whatever else the package brings; both arguments are written out where this is
 * called, since the run installs what it reads there. @throws with the line to type when the program is not there and can't be installed. */
export async function findProgram(name: string, debianPackage: string): Promise<string> {
  const there = onPath(name);
  if (there !== null) return there;
  if (process.getuid?.() !== 0 || onPath('apt-get') === null) {
    throw new Error(`${name} is not on PATH: install it, e.g. sudo apt-get install ${debianPackage}`);
  }
  return withLock(APT_LOCK, INSTALL_MS, async () => {
    if (onPath(name) === null) await aptInstall(debianPackage);
    const installed = onPath(name);
    if (installed === null)
      throw new Error(`${debianPackage} was installed, and ${name} is still not on PATH`);
    return installed;
  });
}

/**
 * All that the chosen tests ask for (program → package), at once and before any test's clock runs. Does nothing where it
 * can't: each test then says what it misses.
 */
export async function installPrograms(programs: ReadonlyMap<string, string>): Promise<void> {
  if (process.getuid?.() !== 0 || onPath('apt-get') === null) return;
  const missing = (): readonly string[] => [
    ...new Set([...programs].filter(([program]) => onPath(program) === null).map(([, name]) => name)),
  ];
  if (missing().length === 0) return;
  await withLock(APT_LOCK, INSTALL_MS, async () => {
    const packages = missing();
    if (packages.length === 0) return;
    process.stderr.write(`installing what the tests need: ${packages.join(', ')}\n`);
    await aptInstall(...packages).catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
  });
}

async function aptInstall(...debianPackages: readonly string[]): Promise<void> {
  // The package's own service must not start: neither by the old scripts (run level 1) nor by systemctl.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1', SYSTEMD_OFFLINE: '1' };
  const options = { env, timeout: INSTALL_MS, maxBuffer: 64 * 1024 * 1024 };
  const install = ['install', '-y', '--no-install-recommends', ...debianPackages];
  try {
    await run('apt-get', install, options);
  } catch {
    // The lists are missing or old.
    await run('apt-get', ['update'], options);
    await run('apt-get', install, options);
  }
}

/** Below the ports that Linux gives to outgoing connections: a server that is killed gets its own again. */
const [LOWEST, HIGHEST] = [12_000, 32_000];
const PORT_TRIES = 50;

/** A port on 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  for (let n = 0; n < PORT_TRIES; n += 1) {
    const port = randomInt(LOWEST, HIGHEST);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise<void>((resolve) => server.close(() => resolve()));
    return port;
  }
  throw new Error(`none of ${PORT_TRIES} ports is free`);
}

/** A deadline is there for what never comes; a loaded machine only makes it late. */
const PATIENCE = 3;

/** Polls until `poll` gives something; its last error or nothing is the failure's cause. */
export async function waitFor<T>(
  what: string,
  deadlineMs: number,
  poll: () => Promise<T | null | undefined | false> | T | null | undefined | false,
): Promise<T> {
  const deadline = performance.now() + deadlineMs * PATIENCE;
  let last: unknown;
  for (;;) {
    try {
      const value = await poll();
      if (value !== null && value !== undefined && value !== false) return value;
    } catch (error) {
      last = error;
    }
    if (performance.now() >= deadline)
      throw new Error(`waited ${deadlineMs * PATIENCE} ms in vain for ${what}`, { cause: last });
    await sleep(POLL_MS);
  }
}
