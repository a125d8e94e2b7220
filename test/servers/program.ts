/** Where the tests' real servers come from: PATH, else Debian's package manager, else a line that says what to install. */
import { execFile } from 'node:child_process';
import { accessSync, constants, mkdirSync, rmdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SBIN = ['/usr/sbin', '/sbin', '/usr/lib/rabbitmq/bin'];
const INSTALL_MS = 10 * 60_000;

function onPath(name: string): string | null {
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

/** One install at a time on the machine, whichever test worker asks. */
async function alone<T>(work: () => Promise<T>): Promise<T> {
  const lock = join(tmpdir(), 'pageturner-apt.lock');
  await waitFor('another test’s install', INSTALL_MS, async () => {
    try {
      mkdirSync(lock);
      return true;
    } catch {
      return false;
    }
  });
  try {
    return await work();
  } finally {
    rmdirSync(lock);
  }
}

/** @throws with the line to type when the program is not there and can't be installed. */
export async function findProgram(name: string, debianPackage: string): Promise<string> {
  const there = onPath(name);
  if (there !== null) return there;
  if (process.getuid?.() !== 0 || onPath('apt-get') === null) {
    throw new Error(`${name} is not on PATH: install it, e.g. sudo apt-get install ${debianPackage}`);
  }
  return alone(async () => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    const options = { env, timeout: INSTALL_MS, maxBuffer: 64 * 1024 * 1024 };
    if (onPath(name) === null) {
      await run('apt-get', ['update'], options);
      await run('apt-get', ['install', '-y', '--no-install-recommends', debianPackage], options);
    }
    const installed = onPath(name);
    if (installed === null)
      throw new Error(`${debianPackage} was installed, and ${name} is still not on PATH`);
    return installed;
  });
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Polls until `poll` gives something; its last error or nothing is the failure's cause. */
export async function waitFor<T>(
  what: string,
  deadlineMs: number,
  poll: () => Promise<T | null | undefined | false> | T | null | undefined | false,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await poll();
      if (value !== null && value !== undefined && value !== false) return value;
    } catch (error) {
      last = error;
    }
    if (performance.now() >= deadline)
      throw new Error(`waited ${deadlineMs} ms in vain for ${what}`, { cause: last });
    await sleep(20);
  }
}
