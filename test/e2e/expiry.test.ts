import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import type { Message } from '../../src/local/workspace/store.ts';
import { testDatabase } from '../servers/postgres.ts';
import { type RedisServer, startRedis } from '../servers/redis.ts';
import { startWorld, type World } from './bot.ts';
import { buttonLabels, lastTs, replyWith, rootWith, toldAlone } from './slack-thread.ts';
import { sendAlerts } from './webhook.ts';

let target: RedisServer;
let redis: Redis;
beforeAll(async () => {
  target = await startRedis();
  redis = new Redis(target.url);
  await redis.mset(
    Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`k:${i}`, 'a value of some length'])),
  );
});
afterAll(async () => {
  redis.disconnect();
  await target.stop();
});
const flushes = async () =>
  Number(/cmdstat_flushdb:calls=(\d+)/u.exec(await redis.info('commandstats'))?.[1] ?? 0);

async function world(env: Readonly<Record<string, string>>): Promise<World> {
  return startWorld({ DATABASE_URL: (await testDatabase()).url, MOALOG_REDIS_URL: target.url, ...env });
}

async function asked(of: World): Promise<{ root: Message; step: Message; name: string }> {
  await sendAlerts(of, [
    { labels: { alertname: 'HighMemoryUsage', system: 'moalog', service: 'redis', severity: 'warning' } },
  ]);
  const root = await rootWith(of.workspace, 'HighMemoryUsage');
  const diagnosis = await replyWith(of.workspace, root.ts, 'Recovery');
  await of.workspace.as(PEOPLE.developer.id).click(diagnosis.ts, 'Flush the cache database');
  const step = await replyWith(of.workspace, root.ts, 'waits for a decision');
  return { root, step, name: /STEP-\d+/u.exec(step.text)?.[0] ?? '' };
}

describe('nothing waits for ever', () => {
  it('a request that nobody decides on expires, and its click is refused', async () => {
    const of = await world({ APPROVAL_EXPIRES_PERSON: '2s' });
    try {
      const { root, step, name } = await asked(of);
      const expired = await replyWith(of.workspace, root.ts, name, '*expired*', 'nobody decided in time');
      expect(buttonLabels(expired)).toEqual([]);
      await of.workspace.as(PEOPLE.lead.id).command(`/ops approve ${name}`);
      await toldAlone(of.workspace, PEOPLE.lead.id, 'expired', step.ts);
      expect(await flushes()).toBe(0);
    } finally {
      await of.stop();
    }
  });

  it('a request whose deadline passed while the bot was down is not approvable on its return', async () => {
    const of = await world({ APPROVAL_EXPIRES_PERSON: '3s' });
    try {
      const { root, name } = await asked(of);
      await of.bot.kill('SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, 3000));
      await of.restart('SIGKILL');
      await of.workspace.as(PEOPLE.lead.id).command(`/ops approve ${name}`);
      await toldAlone(of.workspace, PEOPLE.lead.id, 'expired');
      await replyWith(of.workspace, root.ts, name, '*expired*');
      expect(await flushes()).toBe(0);
    } finally {
      await of.stop();
    }
  });

  it('in observe mode an approved plan is not carried out, and its approval expires', async () => {
    const of = await world({ PAGETURNER_MODE: 'observe', EXECUTION_DEADLINE: '2s' });
    try {
      const { root, step, name } = await asked(of);
      await of.workspace.as(PEOPLE.lead.id).click(step.ts, 'Approve');
      await replyWith(of.workspace, root.ts, name, '*expired*', 'not used in time');
      expect(await flushes()).toBe(0);
    } finally {
      await of.stop();
    }
  });
});

it('a flush too large for an undo says so and needs two people', { timeout: 60_000 }, async () => {
  const of = await world({ UNDO_MAX_BYTES: '1000' });
  try {
    const { root, step, name } = await asked(of);
    expect(step.text).toContain('no undo');
    expect(step.text).toContain('0 of 2 approvals');
    const tara = of.workspace.as(PEOPLE.lead.id);
    await tara.click(step.ts, 'Approve');
    await replyWith(of.workspace, root.ts, name, '1 of 2 approvals');
    const before = lastTs(of.workspace);
    await tara.command(`/ops approve ${name}`);
    await toldAlone(of.workspace, PEOPLE.lead.id, 'second person', before);
    expect(await flushes()).toBe(0);
    await tara.command(`/ops delegate <@${PEOPLE.onCall.id}> 1h`);
    await toldAlone(of.workspace, PEOPLE.lead.id, 'may approve');
    await of.workspace.as(PEOPLE.onCall.id).command(`/ops approve ${name}`);
    await replyWith(of.workspace, root.ts, name, '*done*');
    expect(await flushes()).toBe(1);
  } finally {
    await of.stop();
  }
});
