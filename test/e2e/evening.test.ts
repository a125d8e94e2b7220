/**
 * A whole evening with each combination of roles, on a real Redis, PostgreSQL and Docker engine: what was done is
 * counted on the targets, not in our words.
 */
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import type { Message } from '../../src/local/workspace/store.ts';
import { type DockerEngine, startOwnDocker } from '../servers/docker.ts';
import { type TestDatabase, testDatabase } from '../servers/postgres.ts';
import { type RedisServer, startRedis } from '../servers/redis.ts';
import { AUDIT_KEY, runCli, startWorld, type World } from './bot.ts';
import { lastTs, replyWith, rootWith, toldAlone } from './slack-thread.ts';
import { sendAlerts } from './webhook.ts';

const { lead, onCall, duty, developer, guest } = PEOPLE;
const FLUSH = 'Flush the cache database';

describe('an evening', { timeout: 240_000 }, () => {
  let engine: DockerEngine;
  let target: RedisServer;
  let redis: Redis;
  let journal: TestDatabase;
  let payments: TestDatabase;
  let world: World;
  let n = 0;

  beforeAll(async () => {
    [engine, target, journal, payments] = await Promise.all([
      startOwnDocker(),
      startRedis({ password: 'secret-of-the-target' }),
      testDatabase(),
      testDatabase(),
    ]);
    redis = new Redis(target.url);
    for (const name of ['old_logs', 'mysql_data']) await engine.docker.createVolume({ Name: name });
    world = await startWorld({
      DATABASE_URL: journal.url,
      MOALOG_REDIS_URL: target.url,
      DBIS_CORE_POSTGRES_URL: payments.url,
      DOCKER_HOST: engine.host,
    });
  });
  afterAll(async () => {
    await world?.stop();
    redis?.disconnect();
    await target?.stop();
    await engine?.stop();
  });

  const flushes = async (): Promise<number> =>
    Number(/cmdstat_flushdb:calls=(\d+)/u.exec(await redis.info('commandstats'))?.[1] ?? 0);
  const volumes = async (): Promise<readonly string[]> =>
    ((await engine.docker.listVolumes()).Volumes ?? []).map(({ Name }) => Name).sort();

  async function flushAskedBy(person: string): Promise<{ readonly root: Message; readonly step: Message }> {
    await redis.mset(Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`k:${i}`, 'v'])));
    n += 1;
    const marker = `evening-${n}`;
    const labels = { alertname: 'HighMemoryUsage', system: 'moalog', service: 'redis', case: marker };
    await sendAlerts(world, [{ labels, annotations: { summary: marker } }], marker);
    const root = await rootWith(world.workspace, 'HighMemoryUsage', marker);
    const diagnosis = await replyWith(world.workspace, root.ts, 'Diagnosis', 'Recovery');
    await world.workspace.as(person).click(diagnosis.ts, FLUSH);
    return { root, step: await replyWith(world.workspace, root.ts, 'STEP-', 'waits for a decision') };
  }
  async function refused(who: { readonly id: string }, step: Message, word: string): Promise<void> {
    const before = lastTs(world.workspace);
    await world.workspace.as(who.id).click(step.ts, 'Approve');
    await toldAlone(world.workspace, who.id, word, before);
  }

  it('asked for by a developer: nobody without the authority, then the tech lead', async () => {
    const { root, step } = await flushAskedBy(developer.id);
    for (const who of [developer, guest, onCall, duty]) await refused(who, step, 'not authorised');
    expect(await flushes()).toBe(0);
    await world.workspace.as(lead.id).click(step.ts, 'Approve');
    await replyWith(world.workspace, root.ts, '*done*');
    expect(await flushes()).toBe(1);
  });

  it('asked for by the tech lead: not by herself, but by someone on call whom she lends the authority', async () => {
    const { root, step } = await flushAskedBy(lead.id);
    await refused(lead, step, 'your own request');
    await refused(onCall, step, 'not authorised');
    const before = lastTs(world.workspace);
    await world.workspace.as(lead.id).command(`/ops delegate <@${onCall.id}> 4h for moalog`);
    await toldAlone(world.workspace, lead.id, 'may approve', before);
    await world.workspace.as(onCall.id).click(step.ts, 'Approve');
    await replyWith(world.workspace, root.ts, '*done*', 'by delegation of');
    expect(await flushes()).toBe(2);
  });

  it('asked for by someone on call with the authority: not by themselves; the tech lead denies, with a reason', async () => {
    const { root, step } = await flushAskedBy(onCall.id);
    await refused(onCall, step, 'your own request');
    const id = /STEP-\d+/u.exec(step.text)?.[0] ?? '';
    await world.workspace.as(lead.id).command(`/ops deny ${id} payments are running`);
    await replyWith(world.workspace, root.ts, '*denied*', 'payments are running');
    await world.workspace.as(lead.id).command(`/ops delegate <@${onCall.id}> off`);
    expect(await flushes()).toBe(2);
    expect(await redis.dbsize()).toBe(20);
  });

  it('asked for by the alert: the tech lead alone is enough, and only what was approved goes', async () => {
    const labels = { alertname: 'DiskSpaceRunningLow', system: 'moalog', severity: 'warning' };
    await sendAlerts(world, [{ labels }], 'disk');
    const root = await rootWith(world.workspace, 'DiskSpaceRunningLow');
    const step = await replyWith(world.workspace, root.ts, 'asked by the alert', 'old_logs');
    for (const who of [developer, guest, onCall]) await refused(who, step, 'not authorised');
    expect(await volumes()).toEqual(['mysql_data', 'old_logs']);
    await world.workspace.as(lead.id).click(step.ts, 'Approve');
    await replyWith(world.workspace, root.ts, '*done*', 'old_logs: removed');
    expect(await volumes()).toEqual(['mysql_data']);
  });

  it('what only reads needs nobody, and changes nothing', async () => {
    const client = new pg.Client({ connectionString: payments.ownerUrl });
    await client.connect();
    await client.query('create table audit_logs (id int, timestamp timestamptz default now())');
    await client.query('grant select on audit_logs to public');
    await client.query('insert into audit_logs (id) select generate_series(1, 5)');
    await world.workspace.as(developer.id).command('/ops run dbis-core/operations/audit-logs rows=3');
    await rootWith(world.workspace, 'Show the last rows of the audit log', '*done*', '3 rows');
    const { rows } = await client.query<{ n: number }>('select count(*)::int as n from audit_logs');
    await client.end();
    expect(rows[0]?.n).toBe(5);
  });

  it('and the audit log has all of it', async () => {
    const { stdout } = await runCli(['audit', 'verify'], { DATABASE_URL: journal.url, AUDIT_KEY });
    expect(stdout).toMatch(/^audit: [1-9]\d* entries, head [0-9a-f]{64}\n$/u);
  });
});
