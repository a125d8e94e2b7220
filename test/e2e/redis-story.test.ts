import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import { type AlertmanagerServer, startAlertmanager } from '../servers/alertmanager.ts';
import { type TestDatabase, testDatabase } from '../servers/postgres.ts';
import { waitFor } from '../servers/program.ts';
import { type RedisServer, startRedis } from '../servers/redis.ts';
import {
  AUDIT_KEY,
  BOT_TOKEN,
  runCli,
  SIGNING_SECRET,
  startWorld,
  WEBHOOK_TOKEN,
  type World,
} from './bot.ts';
import { buttonLabels, lastTs, replyWith, roots, rootWith, toldAlone } from './slack-thread.ts';

const PASSWORD = 'redis-password-for-tests';
const MIB = 1024 * 1024;

async function flushes(redis: Redis): Promise<number> {
  const stats = await redis.info('commandstats');
  return Number(/cmdstat_flushdb:calls=(\d+)/u.exec(stats)?.[1] ?? 0);
}

async function fill(redis: Redis): Promise<void> {
  const value = 'x'.repeat(10_000);
  const pipeline = redis.pipeline();
  for (let i = 0; i < 1900; i += 1) pipeline.set(`cache:page:${i}`, value);
  for (let i = 0; i < 40; i += 1) pipeline.set(`fluxpay:idem:${i}`, `secret-value-${i}`, 'EX', 3600);
  await pipeline.exec();
}

describe('the story of a full Redis', () => {
  let target: RedisServer;
  let queue: RedisServer;
  let redis: Redis;
  let database: TestDatabase;
  let world: World;
  let alertmanager: AlertmanagerServer;

  beforeAll(async () => {
    [target, queue, database] = await Promise.all([
      startRedis({
        password: PASSWORD,
        args: ['--maxmemory', String(24 * MIB), '--maxmemory-policy', 'noeviction'],
      }),
      startRedis(),
      testDatabase(),
    ]);
    redis = new Redis(target.url);
    await fill(redis);
    world = await startWorld({
      DATABASE_URL: database.url,
      REDIS_URL: queue.url,
      MOALOG_REDIS_URL: target.url,
    });
    alertmanager = await startAlertmanager({
      webhookUrl: `${world.bot.url}/alertmanager`,
      bearerToken: WEBHOOK_TOKEN,
    });
  });
  afterAll(async () => {
    await alertmanager.stop();
    await world.stop();
    redis.disconnect();
    await Promise.all([target.stop(), queue.stop()]);
  });

  it('opens one thread, flushes once for the right person, and is resolved with a timeline', async () => {
    const { workspace } = world;
    const labels = { alertname: 'HighMemoryUsage', system: 'moalog', service: 'redis', severity: 'warning' };
    await alertmanager.post([{ labels, annotations: { summary: 'Redis is nearly full' } }]);

    const root = await rootWith(
      workspace,
      'HighMemoryUsage',
      'moalog',
      'redis',
      'warning',
      'firing',
      'INC-1',
    );
    const diagnosis = await replyWith(
      workspace,
      root.ts,
      'Diagnosis',
      'noeviction',
      'allkeys-lru',
      'confirmed',
      'total 1940',
    );
    expect(buttonLabels(diagnosis)).toContain('Flush the cache database');
    await replyWith(workspace, root.ts, 'Impact');

    // Asked for by Sam: planned, and nothing done.
    await workspace.as(PEOPLE.developer.id).click(diagnosis.ts, 'Flush the cache database');
    const step = await replyWith(workspace, root.ts, 'STEP-', 'waits for a decision');
    const runId = /run_id:(\w+)/u.exec(await redis.info('server'))?.[1] ?? '';
    expect(step.text).toContain(runId);
    expect(step.text).toMatch(/idempotency/iu);
    expect(step.text).not.toContain('secret-value');
    expect(buttonLabels(step)).toEqual(['Approve', 'Deny']);
    const stepId = /STEP-\d+/u.exec(step.text)?.[0] ?? '';

    // The four refusals, each told why.
    const before = lastTs(workspace);
    await workspace.as(PEOPLE.developer.id).click(step.ts, 'Approve');
    await toldAlone(workspace, PEOPLE.developer.id, 'not authorised', before);
    await workspace.as(PEOPLE.guest.id).click(step.ts, 'Approve');
    await toldAlone(workspace, PEOPLE.guest.id, 'not authorised', before);
    await workspace.as(PEOPLE.onCall.id).click(step.ts, 'Approve');
    await toldAlone(workspace, PEOPLE.onCall.id, 'not authorised', before);
    await workspace.as(PEOPLE.onCall.id).command(`/ops approve ${stepId}`);
    await workspace.as(PEOPLE.lead.id).click(step.ts, 'Approve', {
      change: (payload) => {
        const [action] = payload.actions as { value: string }[];
        if (action !== undefined) action.value = 'AAAA';
      },
    });
    await toldAlone(workspace, PEOPLE.lead.id, 'unknown request', before);
    await workspace.as(PEOPLE.lead.id).click(step.ts, 'Approve', {
      change: (payload) => {
        payload.channel = { id: 'C0RANDOM1', name: 'random' };
      },
    });
    await toldAlone(workspace, PEOPLE.lead.id, 'wrong channel', before);
    await workspace.as(PEOPLE.lead.id).click(step.ts, 'Approve', {
      change: (payload) => {
        payload.team = { id: 'T0OTHER', domain: 'other' };
      },
    });
    await toldAlone(workspace, PEOPLE.lead.id, 'wrong workspace', before);
    expect(await flushes(redis)).toBe(0);

    // A crowd of clicks by the right person: one decision, one flush.
    await Promise.all(
      Array.from({ length: 5 }, () => workspace.as(PEOPLE.lead.id).click(step.ts, 'Approve')),
    );
    const done = await replyWith(
      workspace,
      root.ts,
      stepId,
      '*done*',
      'Undo made and checked',
      'Approved by',
    );
    expect(buttonLabels(done)).toEqual([]);
    expect(await flushes(redis)).toBe(1);
    expect(await redis.dbsize()).toBe(0);
    await toldAlone(workspace, PEOPLE.lead.id, 'already decided', before);
    await rootWith(workspace, 'INC-1', 'mitigated');

    await alertmanager.post([{ labels, endsAt: new Date(Date.now() - 1000).toISOString() }]);
    await rootWith(workspace, 'INC-1', 'resolved');
    const closing = await replyWith(workspace, root.ts, 'Timeline', 'approved', 'mitigated');
    expect(closing.text).toContain('Alertmanager');
    expect(roots(workspace).filter((message) => message.text.includes('HighMemoryUsage'))).toHaveLength(1);
  });

  it('keeps every decision and action in the audit chain', async () => {
    const { code, stdout } = await runCli(['audit', 'verify'], { DATABASE_URL: database.url, AUDIT_KEY });
    expect(stdout).toMatch(/^audit: [1-9]\d* entries, head [0-9a-f]{64}\n$/u);
    expect(code).toBe(0);
  });

  it('shows no secret to Slack or in the log, and only opaque values on buttons', async () => {
    const slack = JSON.stringify(world.workspace.store.calls);
    for (const secret of [PASSWORD, BOT_TOKEN, SIGNING_SECRET, WEBHOOK_TOKEN, AUDIT_KEY, 'secret-value-']) {
      expect(slack.includes(secret), secret).toBe(false);
      expect(world.bot.output().includes(secret), secret).toBe(false);
    }
    const values = [...slack.matchAll(/"value":"([^"]*)"/gu)].map((match) => match[1] ?? '');
    expect(values.length).toBeGreaterThan(5);
    for (const value of values) expect(value).toMatch(/^[\w-]{20,40}$/u);
  });

  it('never passed a limit of Slack’s', () => {
    const refused = world.workspace.store.calls.filter((call) => call.answer !== 'ok');
    expect(refused.map((call) => `${call.method}: ${call.answer}`)).toEqual([]);
  });

  it('answers /ops health with every service in one message', async () => {
    const { workspace } = world;
    const sent = await workspace.as(PEOPLE.developer.id).command('/ops health moalog');
    expect(sent.status).toBe(200);
    const message = await waitFor('the health answer', 15_000, () =>
      roots(workspace).find((m) => m.text.includes('12 of 12 answered')),
    );
    for (const name of [
      'moalog-server',
      'rate-limiter',
      'fluxpay-engine',
      'redis',
      'mysql',
      'postgres',
      'kafka',
      'prometheus',
      'grafana',
      'alertmanager',
      'loki',
      'jaeger',
    ]) {
      const line = message.text.split('\n').find((candidate) => candidate.includes(`*${name}*`));
      expect(line, name).toMatch(/\b(up|degraded|down|unknown)\b/u);
    }
    expect(message.text).toMatch(/\*redis\* up/u);
  });
});
