import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import type { Message } from '../../src/local/workspace/store.ts';
import { type TestDatabase, testDatabase } from '../servers/postgres.ts';
import { waitFor } from '../servers/program.ts';
import { type RedisServer, startRedis } from '../servers/redis.ts';
import { AUDIT_KEY, runCli, startWorld, type World } from './bot.ts';
import { sendForm } from './replay.ts';
import { buttonLabels, ephemerals, lastTs, replyWith, rootWith, thread, toldAlone } from './slack-thread.ts';
import { sendAlerts } from './webhook.ts';

const FLUSH = 'Flush the cache database';

describe('nothing is flushed', () => {
  let target: RedisServer;
  let database: TestDatabase;
  let world: World;
  let n = 0;

  beforeAll(async () => {
    [target, database] = await Promise.all([
      startRedis({ password: 'secret-of-the-target' }),
      testDatabase(),
    ]);
    world = await startWorld({ DATABASE_URL: database.url, MOALOG_REDIS_URL: target.url });
  });
  afterAll(async () => {
    await world.stop();
    await target.stop();
  });

  async function withTarget<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(target.url);
    try {
      return await work(redis);
    } finally {
      redis.disconnect();
    }
  }
  const flushes = () =>
    withTarget(async (redis) =>
      Number(/cmdstat_flushdb:calls=(\d+)/u.exec(await redis.info('commandstats'))?.[1] ?? 0),
    );
  const fill = (keys = 50) =>
    withTarget((redis) =>
      redis.mset(Object.fromEntries(Array.from({ length: keys }, (_, i) => [`k:${i}`, 'v']))),
    );

  /** A fresh incident whose flush somebody has asked for. */
  async function asked(
    by: string = PEOPLE.developer.id,
  ): Promise<{ root: Message; step: Message; name: string }> {
    n += 1;
    const marker = `case-${n}`;
    await sendAlerts(
      world,
      [
        {
          labels: {
            alertname: 'HighMemoryUsage',
            system: 'moalog',
            service: 'redis',
            severity: 'warning',
            case: marker,
          },
          annotations: { summary: marker },
        },
      ],
      marker,
    );
    const root = await rootWith(world.workspace, 'HighMemoryUsage', `${marker}\n`);
    const diagnosis = await replyWith(world.workspace, root.ts, 'Diagnosis', 'Recovery');
    await world.workspace.as(by).click(diagnosis.ts, FLUSH);
    const step = await replyWith(world.workspace, root.ts, 'STEP-');
    return { root, step, name: /STEP-\d+/u.exec(step.text)?.[0] ?? '' };
  }

  it('when the plan is denied: the reason is asked for and shown, and a later approval is refused', async () => {
    await fill();
    const { workspace } = world;
    const { root, step } = await asked();
    await workspace.as(PEOPLE.developer.id).click(step.ts, 'Deny');
    await toldAlone(workspace, PEOPLE.developer.id, 'not authorised');
    expect(workspace.store.views.size).toBe(0);
    await workspace.as(PEOPLE.lead.id).click(step.ts, 'Deny');
    const view = await waitFor('the dialog', 5000, () => [...workspace.store.views.values()][0]);
    await workspace.as(PEOPLE.lead.id).submit(view.id, { reason: { text: 'payments are running' } });
    const denied = await replyWith(workspace, root.ts, 'denied', 'payments are running', PEOPLE.lead.id);
    expect(buttonLabels(denied)).toEqual([]);
    const before = lastTs(workspace);
    await workspace.as(PEOPLE.lead.id).command(`/ops approve ${/STEP-\d+/u.exec(step.text)?.[0]}`);
    await toldAlone(workspace, PEOPLE.lead.id, 'already decided', before);
    expect(await flushes()).toBe(0);
  });

  it('when the one who asked approves', async () => {
    const { workspace } = world;
    const { step } = await asked(PEOPLE.lead.id);
    await workspace.as(PEOPLE.lead.id).click(step.ts, 'Approve');
    await toldAlone(workspace, PEOPLE.lead.id, 'your own request');
    expect(await flushes()).toBe(0);
  });

  it('when the Redis was restarted between plan and click: superseded, and a new plan is shown', async () => {
    const { workspace } = world;
    const { root, step, name } = await asked();
    await target.restart();
    await fill();
    await workspace.as(PEOPLE.lead.id).click(step.ts, 'Approve');
    await replyWith(workspace, root.ts, name, 'superseded', 'run_id');
    const again = await replyWith(workspace, root.ts, 'waits for a decision');
    expect(again.text).not.toContain(`${name} ·`);
    const before = lastTs(workspace);
    await workspace.as(PEOPLE.lead.id).command(`/ops approve ${name}`);
    await toldAlone(workspace, PEOPLE.lead.id, 'superseded', before);
    expect(await flushes()).toBe(0);
  });

  it('when there are far more keys than the plan allowed', async () => {
    const { workspace } = world;
    const { root, step, name } = await asked();
    await fill(500);
    await workspace.as(PEOPLE.lead.id).click(step.ts, 'Approve');
    await replyWith(workspace, root.ts, name, 'superseded');
    expect(await flushes()).toBe(0);
  });

  it('when the incident is resolved before the click', async () => {
    const { workspace } = world;
    const { root, step, name } = await asked();
    await workspace.as(PEOPLE.onCall.id).click(root.ts, 'Resolve');
    await replyWith(workspace, root.ts, name, 'expired');
    const before = lastTs(workspace);
    await workspace.as(PEOPLE.lead.id).command(`/ops approve ${name}`);
    await toldAlone(workspace, PEOPLE.lead.id, 'expired', before);
    expect(step.ts).not.toBe('');
    expect(await flushes()).toBe(0);
  });

  it('when everything is halted, until a tech lead lifts it', async () => {
    const { workspace } = world;
    const { step } = await asked();
    await workspace.as(PEOPLE.developer.id).command('/ops halt something is wrong');
    await toldAlone(workspace, PEOPLE.developer.id, 'halted');
    await workspace.as(PEOPLE.lead.id).click(step.ts, 'Approve');
    await toldAlone(workspace, PEOPLE.lead.id, 'halted');
    await workspace.as(PEOPLE.developer.id).command('/ops halt lift');
    await toldAlone(workspace, PEOPLE.developer.id, 'not authorised');
    await workspace.as(PEOPLE.lead.id).command('/ops halt lift');
    await toldAlone(workspace, PEOPLE.lead.id, 'lifted');
    expect(await flushes()).toBe(0);
  });

  it('when a delegation has been taken back; and it is, once, while it is live', async () => {
    const { workspace } = world;
    const { root, step, name } = await asked();
    const omar = workspace.as(PEOPLE.onCall.id);
    const tara = workspace.as(PEOPLE.lead.id);
    await omar.command(`/ops delegate <@${PEOPLE.onCall.id}> 1h`);
    await toldAlone(workspace, PEOPLE.onCall.id, 'not authorised');
    await tara.command(`/ops delegate <@${PEOPLE.onCall.id}|omar> 1h`);
    await toldAlone(workspace, PEOPLE.lead.id, 'may approve');
    await tara.command(`/ops delegate <@${PEOPLE.onCall.id}> off`);
    await toldAlone(workspace, PEOPLE.lead.id, 'is over');
    const before = lastTs(workspace);
    await omar.click(step.ts, 'Approve');
    await toldAlone(workspace, PEOPLE.onCall.id, 'not authorised', before);
    expect(await flushes()).toBe(0);
    await tara.command(`/ops delegate <@${PEOPLE.onCall.id}> 1h for moalog`);
    await waitFor(
      'the delegation',
      5000,
      () => ephemerals(workspace, PEOPLE.lead.id).filter((m) => m.text.includes('may approve')).length === 2,
    );
    await omar.click(step.ts, 'Approve');
    await replyWith(workspace, root.ts, name, '*done*', 'by delegation');
    expect(await flushes()).toBe(1);
  });

  it('a second time by a replayed click', async () => {
    const { workspace } = world;
    await fill();
    const before = await flushes();
    const { root, step, name } = await asked();
    const payloads: string[] = [];
    await workspace
      .as(PEOPLE.lead.id)
      .click(step.ts, 'Approve', { change: (payload) => void payloads.push(JSON.stringify(payload)) });
    await replyWith(workspace, root.ts, name, '*done*');
    for (let i = 0; i < 3; i += 1) await sendForm(world, { payload: payloads[0] ?? '' });
    await toldAlone(workspace, PEOPLE.lead.id, 'already decided', step.ts);
    expect(await flushes()).toBe(before + 1);
  });

  it('twice when the bot is killed right after the click, and the thread says what became of it', {
    timeout: 120_000,
  }, async () => {
    const { workspace } = world;
    for (let round = 0; round < 3; round += 1) {
      await fill();
      const before = await flushes();
      const { root, step, name } = await asked();
      const click = workspace
        .as(PEOPLE.lead.id)
        .click(step.ts, 'Approve')
        .catch(() => undefined);
      await Promise.race([click, new Promise((resolve) => setTimeout(resolve, 10 + round * 25))]);
      await world.restart('SIGKILL');
      await click;
      const read = () =>
        thread(workspace, root.ts).find((message) => message.text.includes(`${name} ·`))?.text ?? '';
      // Killed before the decision was written: nothing is under way, and the request still waits.
      const isDecided = await decisions(database.url, name);
      await waitFor('the step as it is', 16_000, () =>
        (isDecided ? /\*(done|interrupted)\*/u : /waits for a decision/u).test(read()),
      );
      const after = await flushes();
      expect(after - before).toBeLessThanOrEqual(1);
      if (read().includes('*done*')) expect(after - before).toBe(1);
      if (read().includes('waits for a decision')) expect(after - before).toBe(0);
      await workspace.as(PEOPLE.onCall.id).click(root.ts, 'Resolve');
      await rootWith(workspace, root.text.split('\n')[1] ?? '', 'resolved');
    }
    const { stdout } = await runCli(['audit', 'verify'], { DATABASE_URL: database.url, AUDIT_KEY });
    expect(stdout).toMatch(/^audit: \d+ entries/u);
  });
});

/** Whether the journal has a decision on the step. */
async function decisions(url: string, step: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query(
      'select 1 from decisions d join requests r on r.id = d.request_id where r.step_id = $1',
      [Number(step.slice('STEP-'.length))],
    );
    return (rowCount ?? 0) > 0;
  } finally {
    await client.end();
  }
}

describe('the bot never harms what it stands on', () => {
  it('refuses a flush of the Redis that it queues on, by any address that leads there', async () => {
    const [queue, database] = await Promise.all([startRedis({ password: 'of-the-queue' }), testDatabase()]);
    const elsewhere = queue.url.replace('127.0.0.1', 'localhost');
    const world = await startWorld({
      DATABASE_URL: database.url,
      REDIS_URL: queue.url,
      MOALOG_REDIS_URL: elsewhere,
    });
    try {
      await sendAlerts(world, [
        { labels: { alertname: 'HighMemoryUsage', system: 'moalog', service: 'redis', severity: 'warning' } },
      ]);
      const root = await rootWith(world.workspace, 'HighMemoryUsage');
      const diagnosis = await replyWith(world.workspace, root.ts, 'Recovery');
      await world.workspace.as(PEOPLE.developer.id).click(diagnosis.ts, FLUSH);
      const refused = await replyWith(world.workspace, root.ts, 'can’t be planned', 'queue');
      expect(buttonLabels(refused)).toEqual([]);
    } finally {
      await world.stop();
      await queue.stop();
    }
  });

  it('refuses to start on a Redis that evicts, and says the setting', async () => {
    const queue = await startRedis({ args: ['--maxmemory', '50mb', '--maxmemory-policy', 'allkeys-lru'] });
    const { url } = await testDatabase();
    const { code, stderr } = await runCli(['up'], { ...slackless, DATABASE_URL: url, REDIS_URL: queue.url });
    expect(code).toBe(3);
    expect(stderr).toContain('noeviction');
    await queue.stop();
  });

  const slackless = {
    PORT: '0',
    PAGETURNER_DATA: '/tmp/pageturner-never',
    SLACK_BOT_TOKEN: 'xoxb-never',
    SLACK_SIGNING_SECRET: 'never-used',
    PAGETURNER_ENV: 'test',
    ALERTMANAGER_WEBHOOK_TOKEN: 'never-used',
    AUDIT_KEY,
  };
});
