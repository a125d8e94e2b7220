import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Sandbox } from '../../../src/local/sandbox/open-sandbox.ts';
import { openSandboxRedis } from '../../../src/local/sandbox/sandbox-redis.ts';
import { findProgram, waitFor } from '../../servers/program.ts';
import { dataFolder, NO_DOCKER, onRedis, opened, redisUrl, runId } from './opened.ts';
import { type Receiver, startReceiver } from './receiver.ts';

// The first to ask for a server may have to wait until it is installed.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

let receiver: Receiver;
let folder: Awaited<ReturnType<typeof dataFolder>>;
const toStop: Sandbox[] = [];

beforeEach(async () => {
  receiver = await startReceiver();
  folder = await dataFolder();
});
afterEach(async () => {
  await Promise.all(toStop.splice(0).map((sandbox) => sandbox.stop()));
  await receiver.stop();
  await folder.remove();
});
const open = async (more: Parameters<typeof opened>[2] = {}): Promise<Sandbox> => {
  const sandbox = await opened(folder.dir, receiver, more);
  toStop.push(sandbox);
  return sandbox;
};

describe('the sandbox’s Redis', () => {
  test('carries the marks that let local mode change it, a policy to find fault with, and moalog’s keys', async () => {
    const sandbox = await open();
    await onRedis(redisUrl(sandbox), async (redis) => {
      const users = await redis.call('ACL', 'LIST');
      expect(users).toContainEqual(expect.stringMatching(/^user pageturner-sandbox off .*-@all$/));
      expect(users).toContainEqual(expect.stringMatching(/^user pageturner-env-dev off .*-@all$/));
      expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
      expect(await redis.config('GET', 'maxmemory')).toEqual(['maxmemory', String(64 * 1024 * 1024)]);
      expect(await redis.config('GET', 'bind')).toEqual(['bind', '127.0.0.1']);
      const limits = await redis.keys('rate:*');
      expect(limits).toHaveLength(400);
      expect(await redis.ttl(limits[0] ?? '')).toBeGreaterThan(0);
      expect(await redis.keys('fluxpay:idem:*')).toHaveLength(120);
      const kinds = await Promise.all((await redis.keys('*')).map((key) => redis.type(key)));
      expect(new Set(kinds)).toEqual(new Set(['string', 'hash', 'zset', 'list']));
    });
  });

  test('keeps its password in a file that its owner alone can read', async () => {
    const sandbox = await open();
    const file = join(folder.dir, 'sandbox', 'redis-password');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(redisUrl(sandbox)).toContain(await readFile(file, 'utf8'));
    expect(sandbox.firstWords.join('\n')).not.toContain(await readFile(file, 'utf8'));
    await expect(
      onRedis(`redis://${new URL(redisUrl(sandbox)).host}`, (redis) => redis.ping()),
    ).rejects.toThrow();
  });

  test('ends with the bot and begins anew, at the same address', async () => {
    const first = await open();
    const before = await runId(redisUrl(first));
    await first.stop();
    expect(await runId(redisUrl(first))).toBeNull();
    const second = await open();
    expect(redisUrl(second)).toBe(redisUrl(first));
    expect(await runId(redisUrl(second))).not.toBe(before);
  });

  test('outlives a kill -9 of the bot, and the next start takes it up as it is', async () => {
    const node = resolve('node_modules/node/bin/node');
    const script = join(import.meta.dirname, 'hold-sandbox.ts');
    await findProgram('redis-server', 'redis-server');
    const bot = spawn(node, [script, folder.dir, receiver.url, receiver.token], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = await once(bot.stdout, 'data');
    await waitFor('the alert', 10_000, async () => receiver.of('HighMemoryUsage').length > 0);
    bot.kill('SIGKILL');
    await once(bot, 'exit');

    const url = String(JSON.parse(String(said)).MOALOG_REDIS_URL);
    const before = await runId(url);
    const keys = await onRedis(url, (redis) => redis.dbsize());
    const startedAt = receiver.of('HighMemoryUsage')[0]?.alerts[0]?.startsAt;
    const heard = receiver.received.length;

    const sandbox = await open();
    expect(redisUrl(sandbox)).toBe(url);
    expect(await runId(url)).toBe(before);
    expect(await onRedis(url, (redis) => redis.dbsize())).toBe(keys);
    await waitFor('the same alert again', 5_000, async () => receiver.received.length > heard);
    expect(receiver.received.at(-1)).toMatchObject({ status: 'firing', alerts: [{ startsAt: startedAt }] });
    await sandbox.stop();
    expect(await runId(url)).toBeNull();
  });

  test('is started again from the panel after somebody has stopped it', async () => {
    const sandbox = await open();
    const before = await runId(redisUrl(sandbox));
    await onRedis(redisUrl(sandbox), (redis) => redis.call('SHUTDOWN', 'NOSAVE').catch(() => null));
    await waitFor('the button', 5_000, async () =>
      (await sandbox.panel.state()).buttons.some((button) => button.id === 'start-redis'),
    );
    await sandbox.panel.press('start-redis');
    expect(await runId(redisUrl(sandbox))).not.toBe(before);
    expect(await onRedis(redisUrl(sandbox), (redis) => redis.dbsize())).toBeGreaterThan(500);
  });
});

describe('a Redis that the sandbox did not start', () => {
  const foreign = async (port: string, password: string | null) => {
    const program = await findProgram('redis-server', 'redis-server');
    const args = [
      '--port',
      port,
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      ...(password ? ['--requirepass', password] : []),
    ];
    const child = spawn(program, args, { cwd: folder.dir, stdio: 'ignore' });
    const url = `redis://${password ? `:${password}@` : ''}127.0.0.1:${port}`;
    await waitFor('the other Redis', 10_000, () => runId(url));
    return {
      url,
      stop: async () => {
        child.kill('SIGKILL');
        await once(child, 'exit');
      },
    };
  };

  test.each([
    ['without a password', () => null],
    ['with another password', () => 'somebody-else'],
    ['even with the very same password', (url: string) => new URL(url).password],
  ])('is left alone at the port that was once the sandbox’s: %s', async (_, passwordFrom) => {
    const first = await open();
    await first.stop();
    const port = new URL(redisUrl(first)).port;
    const other = await foreign(port, passwordFrom(redisUrl(first)));
    try {
      await onRedis(other.url, (redis) => redis.set('somebody', 'else'));
      const second = await open();
      expect(new URL(redisUrl(second)).port).not.toBe(port);
      await second.panel.press('fill-redis');
      await second.panel.press('empty-redis');
      await second.stop();
      expect(await onRedis(other.url, (redis) => redis.keys('*'))).toEqual(['somebody']);
    } finally {
      await other.stop();
    }
  });

  test('is not written to when it has taken the place of the sandbox’s under way', async () => {
    const sandbox = await open();
    const { port, password } = new URL(redisUrl(sandbox));
    await onRedis(redisUrl(sandbox), (redis) => redis.call('SHUTDOWN', 'NOSAVE').catch(() => null));
    const other = await foreign(port, password);
    try {
      await sandbox.panel.press('fill-redis');
      await sandbox.stop();
      expect(await onRedis(other.url, (redis) => redis.dbsize())).toBe(0);
    } finally {
      await other.stop();
    }
  });
});

describe('a machine without Redis', () => {
  test('gets the line to type, and everything else works', async () => {
    const bin = join(folder.dir, 'bin');
    await mkdir(bin);
    await symlink('/bin/true', join(bin, 'brew'));
    const sandbox = await open({ path: bin });
    expect(sandbox.firstWords.join('\n')).toMatch(/once you type: brew install redis/);
    const state = await sandbox.panel.state();
    expect(state.lines[0]).toContain('brew install redis');
    expect(state.buttons.map((button) => button.id)).not.toContain('fill-redis');
    expect((await fetch(`${sandbox.env.MOALOG_MOALOG_SERVER_URL}/health`)).status).toBe(200);
  });

  test('has the sandbox’s Redis as soon as the program is there', async () => {
    const bin = join(folder.dir, 'bin');
    await mkdir(bin);
    const sandbox = await open({ path: bin });
    expect(await runId(redisUrl(sandbox))).toBeNull();
    await symlink(await findProgram('redis-server', 'redis-server'), join(bin, 'redis-server'));
    await waitFor('Redis', 10_000, () => runId(redisUrl(sandbox)));
    await waitFor('the button', 5_000, async () =>
      (await sandbox.panel.state()).buttons.some((button) => button.id === 'fill-redis'),
    );
  });

  test('needs no more than Debian’s redis-tools, which hold the server under another name', async () => {
    const bin = join(folder.dir, 'bin');
    await mkdir(bin);
    await symlink(await findProgram('redis-server', 'redis-server'), join(bin, 'redis-check-rdb'));
    const sandbox = await open({ path: bin });
    expect(await runId(redisUrl(sandbox))).not.toBeNull();
  });

  test('has it installed while everything else has started already, when it may', async () => {
    const bin = join(folder.dir, 'bin');
    await mkdir(bin);
    const program = await findProgram('redis-server', 'redis-server');
    // Takes the place of apt-get: this machine's packages are not the test's to change.
    const script = `#!/bin/sh\necho "$@" >> ${bin}/asked\n/bin/sleep 0.3\n/bin/ln -s ${program} ${bin}/redis-server\n`;
    await writeFile(join(bin, 'apt-get'), script, { mode: 0o755 });
    const redis = await openSandboxRedis({
      dir: folder.dir,
      machine: { path: bin, isRoot: true, dockerHost: NO_DOCKER },
      log: () => undefined,
      signal: new AbortController().signal,
    });
    try {
      expect(redis.status()).toMatchObject({ state: 'coming', line: expect.stringContaining('installing') });
      await waitFor('Redis', 10_000, async () => redis.status().state === 'running');
      expect(await redis.use((connection) => connection.dbsize())).toBeGreaterThan(500);
      expect(await readFile(join(bin, 'asked'), 'utf8')).toMatch(/ install -y .*redis-tools\n$/);
    } finally {
      await redis.stop();
    }
  });

  test('is told what Redis said when the program does not start', async () => {
    const bin = join(folder.dir, 'bin');
    await mkdir(bin);
    await symlink('/bin/false', join(bin, 'redis-server'));
    const sandbox = await open({ path: bin });
    expect(sandbox.firstWords.join('\n')).toMatch(/did not start; it ended with code 1/);
  });
});
