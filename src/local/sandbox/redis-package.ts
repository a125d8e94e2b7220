/** Redis from Debian's packages. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { lastLine } from './kept-file.ts';

/**
 * Installs Debian's redis-tools, which holds the server's program but, unlike redis-server, starts no service on
 * port 6379. @throws with apt-get's last line. When the signal aborts it only stops waiting: an installation that
 * is killed half-way leaves the machine's packages broken.
 */
export async function installRedisTools(aptGet: string, dir: string, signal: AbortSignal): Promise<void> {
  const install = [
    '-o',
    'DPkg::Lock::Timeout=120',
    'install',
    '-y',
    '--no-install-recommends',
    'redis-tools',
  ];
  try {
    await runAptGet(aptGet, install, dir, signal);
  } catch {
    signal.throwIfAborted();
    await runAptGet(aptGet, ['update'], dir, signal);
    await runAptGet(aptGet, install, dir, signal);
  }
}

async function runAptGet(
  aptGet: string,
  args: readonly string[],
  dir: string,
  signal: AbortSignal,
): Promise<void> {
  const file = join(dir, 'redis-install.log');
  const log = await open(file, 'w', 0o600);
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    // In a group of its own and with no pipe to the bot, it goes on when the bot ends.
    const child = spawn(aptGet, args, { env, detached: true, stdio: ['ignore', log.fd, log.fd] });
    child.unref();
    const [code] = await once(child, 'exit', { signal });
    if (code !== 0) throw new Error(`apt-get ended with code ${String(code)}: ${await lastLine(file)}`);
  } finally {
    await log.close();
  }
}
