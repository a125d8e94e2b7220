/** The servers that other tests rely on are what they say they are. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { startAlertmanager } from './alertmanager.ts';
import { launchChromium } from './chromium.ts';
import { startDocker } from './docker.ts';
import { withLock } from './lock.ts';
import { createDatabase, testDatabase } from './postgres.ts';
import { findProgram, freePort, waitFor } from './program.ts';
import { startRedis } from './redis.ts';
import { runProgram } from './run-program.ts';

async function ask(url: string, sql: string): Promise<Record<string, unknown> | undefined> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows[0];
  } finally {
    await client.end();
  }
}

test('a test database is new, with an owner and a role that owns nothing, on a server that syncs its writes', async () => {
  const [one, another] = [
    await testDatabase(),
    await createDatabase({ superuserUrl: inject('postgresUrl') }),
  ];
  expect(one.url).not.toBe(another.url);
  const row = await ask(
    one.url,
    `select rolsuper, current_setting('fsync') as fsync, pg_get_userbyid(datdba) = current_user as owns
     from pg_roles, pg_database where rolname = current_user and datname = current_database()`,
  );
  expect(row).toEqual({ rolsuper: false, fsync: 'on', owns: false });
  expect(await ask(one.superuserUrl, `select current_setting('is_superuser') as super`)).toEqual({
    super: 'on',
  });
});

test('a Redis that is restarted is another one on the same port, with the same password', async () => {
  const server = await startRedis({ password: 'p@ss word', args: ['--maxmemory', '50mb'] });
  try {
    const runId = async () => {
      const redis = new Redis(server.url, { retryStrategy: null });
      const info = await redis.info('server');
      redis.disconnect();
      return /run_id:(\w+)/.exec(info)?.[1];
    };
    const [before, pid] = [await runId(), server.pid];
    await server.restart();
    expect(await runId()).not.toBe(before);
    expect(server.pid).not.toBe(pid);
  } finally {
    await server.stop();
  }
});

test('Alertmanager sends what is posted to the webhook with the token, firing and then resolved', async () => {
  const seen: { status: string; authorization: string | undefined }[] = [];
  const webhook = createServer(async (req, res) => {
    let body = '';
    for await (const part of req) body += part;
    seen.push({
      status: String(JSON.parse(body).status),
      authorization: req.headers.authorization,
    });
    res.end();
  });
  const port = await freePort();
  webhook.listen(port, '127.0.0.1');
  await once(webhook, 'listening');
  const alertmanager = await startAlertmanager({
    webhookUrl: `http://127.0.0.1:${port}/alertmanager`,
    bearerToken: 'the-token',
  });
  try {
    const labels = { alertname: 'ServiceDown', system: 'moalog', service: 'redis' };
    await alertmanager.post([{ labels }]);
    await waitFor('the firing notification', 10_000, () => seen.some(({ status }) => status === 'firing'));
    await alertmanager.post([{ labels, endsAt: new Date(Date.now() - 1000).toISOString() }]);
    await waitFor('the resolved notification', 10_000, () =>
      seen.some(({ status }) => status === 'resolved'),
    );
    expect(new Set(seen.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer the-token']));
  } finally {
    await alertmanager.stop();
    webhook.close();
    webhook.closeAllConnections();
  }
});

test('the Docker engine runs a container of the imported image', async () => {
  const engine = await startDocker();
  const image = await engine.importBusybox();
  expect(await engine.importBusybox()).toBe(image);
  const container = await engine.docker.createContainer({
    Image: image,
    Cmd: ['sh', '-c', 'echo it runs'],
    HostConfig: { NetworkMode: 'none' },
  });
  try {
    await container.start();
    await container.wait();
    expect((await container.logs({ stdout: true })).toString()).toContain('it runs');
  } finally {
    await container.remove({ force: true });
  }
}, 120_000);

test('the browser shows a page', async () => {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.setContent('<h1>Pageturner</h1>');
    expect(await page.textContent('h1')).toBe('Pageturner');
  } finally {
    await browser.stop();
  }
}, 60_000);

test('a program that ends before it is ready fails at once with what it said', async () => {
  const redis = await findProgram('redis-server', 'redis-server');
  const start = { args: ['--port', 'none'], deadlineMs: 20_000, ready: async () => false };
  await expect(runProgram(redis, start)).rejects.toThrow(/did not start: [\s\S]*port/u);
});

test('a lock lets one in at a time, and is taken over from a holder that is gone', async () => {
  const file = join(inject('runDir'), 'a.lock');
  const gone = spawnSync('true').pid;
  writeFileSync(file, String(gone));
  let inside = 0;
  const most: number[] = [];
  const work = () =>
    withLock(file, 10_000, async () => {
      most.push(++inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    });
  await Promise.all([work(), work(), work()]);
  expect(most).toEqual([1, 1, 1]);
  expect(existsSync(file)).toBe(false);
});
