import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import { type BotProcess, startBotProcess, startWorld } from '../e2e/bot.ts';
import { replyWith, rootWith, toldAlone } from '../e2e/slack-thread.ts';
import { sendAlerts } from '../e2e/webhook.ts';
import { testDatabase } from '../servers/postgres.ts';
import { freePort, waitFor } from '../servers/program.ts';
import { startRedis } from '../servers/redis.ts';
import { instrumented } from './crash/run-point.ts';
import { openSlot } from './crash/slot.ts';
import { flushes, newStory, play } from './crash/story.ts';
import { openDatabases } from './database.ts';

const RUNBOOKS = fileURLToPath(new URL('../../runbooks/', import.meta.url));

it('approved, then down for longer than an approval is good for: expired on return, nothing is flushed', {
  timeout: 180_000,
}, async () => {
  const [databases, slot] = await Promise.all([openDatabases({ logStatements: false }), openSlot()]);
  const world = await slot.fresh(databases);
  const env = { ...world.env, EXECUTION_DEADLINE: '2s' };
  const log = join(mkdtempSync(join(tmpdir(), 'pageturner-')), 'points');
  let bot: BotProcess | null = null;
  try {
    const decided = {
      label:
        'sql commit after: insert into decisions (request_id, person, verdict, authority, reason, digest) values ($1,',
      number: 1,
      when: 'after',
    } as const;
    bot = await startBotProcess(instrumented(env, log, decided));
    const ended = new AbortController();
    void bot.exited.then(() => ended.abort());
    await play(world, newStory(), ended.signal, 60_000);
    await bot.exited;
    await waitFor('the approval to be too old', 10_000, async () => {
      const rows = await world.database.query<{ old: boolean }>(
        `select start_by < now() as old from requests where state = 'approved'`,
      );
      return rows[0]?.old === true;
    });
    bot = await startBotProcess(env);
    const root = await rootWith(world.workspace, 'HighMemoryUsage');
    await replyWith(world.workspace, root.ts, 'STEP-', '*expired*');
    expect(await flushes(world)).toBe(0);
  } finally {
    await bot?.kill('SIGKILL');
    await world.end();
    await slot.stop();
    await databases.stop();
  }
});

it('SIGTERM while a flush is under way lets it finish: done, once, and nothing is called interrupted', {
  timeout: 120_000,
}, async () => {
  const [target, database] = await Promise.all([startRedis(), testDatabase()]);
  const world = await startWorld({ DATABASE_URL: database.url, MOALOG_REDIS_URL: target.url });
  const redis = new Redis(target.url);
  try {
    await redis.mset('k:1', 'v', 'k:2', 'v');
    const labels = { alertname: 'HighMemoryUsage', system: 'moalog', service: 'redis', severity: 'warning' };
    await sendAlerts(world, [{ labels }]);
    const root = await rootWith(world.workspace, 'HighMemoryUsage');
    const diagnosis = await replyWith(world.workspace, root.ts, 'Recovery');
    await world.workspace.as(PEOPLE.developer.id).click(diagnosis.ts, 'Flush the cache database');
    const step = await replyWith(world.workspace, root.ts, 'waits for a decision');
    // Reads go on; a write waits: the flush is sent and is not answered for a while.
    await redis.client('PAUSE', 4000, 'WRITE');
    await world.workspace.as(PEOPLE.lead.id).click(step.ts, 'Approve');
    await waitFor('the flush to be under way', 10_000, async () =>
      String(await redis.client('LIST')).includes('cmd=flushdb'),
    );
    expect(await redis.dbsize()).toBe(2);
    expect(await world.bot.kill('SIGTERM')).toBe(0);
    expect(await redis.dbsize()).toBe(0);
    await world.restart('SIGTERM');
    const done = await replyWith(world.workspace, root.ts, 'STEP-', '*done*');
    expect(done.text).not.toContain('interrupted');
    expect(/cmdstat_flushdb:calls=(\d+)/u.exec(await redis.info('commandstats'))?.[1]).toBe('1');
  } finally {
    redis.disconnect();
    await world.stop();
    await target.stop();
  }
});

it('a worker killed with a hundred probes running: another asks again, and the answer is whole', {
  timeout: 240_000,
}, async () => {
  const hanging: ServerResponse[] = [];
  let answers = false;
  const server = createServer((_, res) => {
    if (answers) res.end('ok');
    else hanging.push(res);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'pageturner-hundred-'));
  cpSync(join(RUNBOOKS, 'org.yaml'), join(folder, 'org.yaml'));
  mkdirSync(join(folder, 'hundred'));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const services = Array.from(
    { length: 100 },
    (_, i) => `  s${i}:\n    url: ${base}\n    probe: { probe: http, path: /, status: [200] }\n`,
  );
  writeFileSync(
    join(folder, 'hundred', 'system.yaml'),
    `version: 1\ntitle: A hundred services\nservices:\n${services.join('')}`,
  );
  const [queue, database] = await Promise.all([startRedis(), testDatabase()]);
  const world = await startWorld({
    DATABASE_URL: database.url,
    REDIS_URL: queue.url,
    RUNBOOKS_DIR: folder,
    PAGETURNER_ROLE: 'gateway',
  });
  const worker = async () =>
    startBotProcess({ ...world.env, PAGETURNER_ROLE: 'worker', PORT: String(await freePort()) });
  let first: BotProcess | null = null;
  let second: BotProcess | null = null;
  try {
    first = await worker();
    await world.workspace.as(PEOPLE.developer.id).command('/ops health hundred');
    await waitFor('a hundred probes to be running', 20_000, () => hanging.length >= 100);
    await first.kill('SIGKILL');
    answers = true;
    second = await worker();
    const answer = await waitFor('the whole answer', 60_000, () =>
      world.workspace.store.messages().find((message) => message.text.includes('100 of 100 answered')),
    );
    expect(answer.text).not.toMatch(/\bdown\b/u);
    const all = world.workspace.store.messages().filter((message) => message.visibleTo === null);
    expect(all).toHaveLength(1);
  } finally {
    await first?.kill('SIGKILL');
    await second?.kill('SIGTERM');
    await world.stop();
    await queue.stop();
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

it('over Socket Mode: refreshed by Slack and cut without a word, it connects again and answers', {
  timeout: 120_000,
}, async () => {
  const { url } = await testDatabase();
  const world = await startWorld(
    { DATABASE_URL: url, SLACK_SIGNING_SECRET: '', SLACK_APP_TOKEN: 'xapp-for-tests' },
    'xapp-for-tests',
  );
  const { socketMode, store } = world.workspace;
  const opened = () => store.calls.filter((call) => call.method === 'apps.connections.open').length;
  try {
    await waitFor('the connection', 10_000, () => socketMode.connections() === 1);
    for (const interrupt of [socketMode.refresh, socketMode.drop, socketMode.drop]) {
      const before = opened();
      interrupt();
      await waitFor('a new connection', 20_000, () => opened() > before && socketMode.connections() === 1);
      const since = store.messages().at(-1)?.ts ?? '0';
      await world.workspace.as(PEOPLE.developer.id).command('/ops status');
      await toldAlone(world.workspace, PEOPLE.developer.id, 'No incident is open', since);
    }
  } finally {
    await world.stop();
  }
});
