/** What counts as an emergency in production, outside the window: an incident that fires, or that two people vouch for. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import type { Message } from '../../src/local/workspace/store.ts';
import { testDatabase } from '../servers/postgres.ts';
import { waitFor } from '../servers/program.ts';
import { type RedisServer, startRedis } from '../servers/redis.ts';
import { runCli, startWorld, type World } from './bot.ts';
import { buttonLabels, lastTs, replyWith, roots, rootWith, toldAlone } from './slack-thread.ts';
import { sendAlerts } from './webhook.ts';

const SYSTEM = `version: 1
title: Shop
services:
  redis: { url: "redis://localhost:1", probe: { probe: redis.ping } }
`;
const CLEAN = `version: 1
title: Clean a database
triggers: ['alertname="CacheBroken"']
params:
  db: { type: integer, says: Which database, min: 0, max: 3, example: 1 }
  why: { type: choice, says: Why, of: [full, broken], default: full }
steps:
  - note: { probe: redis.ping, service: redis, title: Redis answers }
  - tell: { title: Tell the others, task: "Tell the others that it is {why}." }
  - flush: { title: Flush it, action: redis.flushdb, service: redis, db: "{db}" }
verify: [{ probe: redis.ping, service: redis, within: 10s }]
`;
const FULL = `version: 1
title: The cache is full
triggers: ['alertname="CacheFull"']
recover:
  - flush: { title: Flush the cache, steps: [{ action: redis.flushdb, service: redis, db: 1 }] }
verify: [{ probe: redis.ping, service: redis, within: 10s }]
`;
const OTHER = `version: 1
title: Clean it elsewhere
steps: [{ action: redis.flushdb, service: redis, db: 1 }]
verify: [{ probe: redis.ping, service: redis, within: 10s }]
`;

describe('outside the window, in production', { timeout: 180_000 }, () => {
  let redisServer: RedisServer;
  let redis: Redis;
  let world: World;
  const runbooks = mkdtempSync(join(tmpdir(), 'pageturner-runbooks-'));
  const { lead, onCall, developer, guest } = PEOPLE;

  beforeAll(async () => {
    const write = (path: string, text: string): void => writeFileSync(join(runbooks, path), text);
    for (const folder of ['shop/operations', 'infra/operations'])
      mkdirSync(join(runbooks, folder), { recursive: true });
    write('shop/system.yaml', SYSTEM);
    write('infra/system.yaml', SYSTEM);
    const hour = String(new Date(Date.now() + 12 * 3_600_000).getUTCHours()).padStart(2, '0');
    write(
      'org.yaml',
      `version: 1\nroles: { tech-lead: ${lead.id}, on-call: ${onCall.id} }\nwindows: [{ every: day, from: "${hour}:00", to: "${hour}:30" }]\n`,
    );
    write('shop/operations/clean.yaml', CLEAN);
    write('infra/operations/clean.yaml', OTHER);
    write('shop/full.yaml', FULL);
    redisServer = await startRedis();
    redis = new Redis(redisServer.url, { db: 1 });
    world = await startWorld({
      DATABASE_URL: (await testDatabase()).url,
      SHOP_REDIS_URL: redisServer.url,
      INFRA_REDIS_URL: redisServer.url,
      RUNBOOKS_DIR: runbooks,
      PAGETURNER_ENV: 'prod',
    });
  });
  beforeEach(async () => {
    for (let i = 0; i < 12; i += 1) await redis.set(`key:${i}`, `value-${i}`);
  });
  afterAll(async () => {
    await world?.stop();
    redis?.disconnect();
    await redisServer?.stop();
    rmSync(runbooks, { recursive: true, force: true });
  });

  const as = (who: { readonly id: string }) => world.workspace.as(who.id);
  const told = async (who: { readonly id: string }, part: string, act: () => Promise<unknown>) => {
    const before = lastTs(world.workspace);
    await act();
    return toldAlone(world.workspace, who.id, part, before);
  };
  const idOf = (root: Message): string => /INC-\d+/u.exec(root.text)?.[0] ?? '';
  const CLEAN_IT = '/ops run shop/operations/clean db=1';

  it('a planned change is refused, and the same operation is allowed for an incident that fires', async () => {
    await told(developer, 'outside the window', () => as(developer).command(CLEAN_IT));
    const labels = { alertname: 'CacheSlow', system: 'shop', service: 'redis' };
    await sendAlerts(world, [{ labels }]);
    const root = await rootWith(world.workspace, 'CacheSlow', 'firing');
    const incident = idOf(root);
    await told(developer, 'is of shop', () =>
      as(developer).command(`/ops run infra/operations/clean ${incident}`),
    );
    await told(developer, 'unknown request', () => as(developer).command(`${CLEAN_IT} INC-9999`));
    await told(developer, `in the thread of ${incident}`, () =>
      as(developer).command(`${CLEAN_IT} ${incident}`),
    );
    const asks = await replyWith(world.workspace, root.ts, 'waits for a person');
    await as(developer).click(asks.ts, 'Done');
    const step = await replyWith(
      world.workspace,
      root.ts,
      'waits for a decision',
      `*Emergency* of ${incident}`,
    );
    expect(step.text).not.toContain('all five');
    await told(developer, 'already asked for', () => as(developer).command(`${CLEAN_IT} ${incident}`));
    await as(lead).click(step.ts, 'Approve');
    await replyWith(world.workspace, root.ts, '*done*');
    expect(await redis.dbsize()).toBe(0);
    const { stdout } = await runCli(['audit', 'verify'], world.env);
    expect(stdout).toMatch(/audit: \d+ entries/u);

    await sendAlerts(world, [{ labels, status: 'resolved' }]);
    await rootWith(world.workspace, 'CacheSlow', 'resolved');
    await told(developer, 'is resolved', () => as(developer).command(`${CLEAN_IT} ${incident}`));
  });

  it('opened by hand it is an emergency only when a second person with a role has confirmed it', async () => {
    const before = new Set(roots(world.workspace).map(({ ts }) => ts));
    await as(developer).command('/ops run shop/full');
    const root = await waitFor('its thread', 15_000, () =>
      roots(world.workspace).find(({ ts, text }) => !before.has(ts) && text.includes('OpenedByHand')),
    );
    expect(root.text).toContain('until a second person with a role confirms');
    const diagnosis = await replyWith(world.workspace, root.ts, 'Recovery');
    await told(developer, 'outside the window', () => as(developer).click(diagnosis.ts, 'Flush the cache'));
    const refused = await told(developer, 'outside the window', () =>
      as(developer).command(`${CLEAN_IT} ${idOf(root)}`),
    );
    expect(refused.text).toContain('nobody else has confirmed it yet');

    await told(developer, 'you opened it', () => as(developer).click(root.ts, 'Confirm'));
    await told(guest, 'not authorised', () => as(guest).click(root.ts, 'Confirm'));
    await as(onCall).click(root.ts, 'Confirm');
    const confirmed = await waitFor('it to be confirmed', 15_000, () =>
      roots(world.workspace).find(
        ({ ts, text }) => ts === root.ts && text.includes(`confirmed by <@${onCall.id}>`),
      ),
    );
    expect(buttonLabels(confirmed)).not.toContain('Confirm');
    await as(developer).click(diagnosis.ts, 'Flush the cache');
    const step = await replyWith(world.workspace, root.ts, 'waits for a decision', '*Emergency* of INC-');
    await as(lead).click(step.ts, 'Approve');
    await replyWith(world.workspace, root.ts, '*done*');
    expect(await redis.dbsize()).toBe(0);
  });

  it('an operation that the alert names is a button, which asks for its parameters first', async () => {
    await sendAlerts(world, [{ labels: { alertname: 'CacheBroken', system: 'shop', service: 'redis' } }]);
    const root = await rootWith(world.workspace, 'CacheBroken', 'firing');
    const diagnosis = await replyWith(world.workspace, root.ts, 'Recovery');
    await as(developer).click(diagnosis.ts, 'Clean a database');
    const view = await waitFor('the dialog', 15_000, () =>
      [...world.workspace.store.views.values()].find(({ user }) => user === developer.id),
    );
    const wrong = await as(developer).submit(view.id, {
      'param.db': { value: '7' },
      'param.why': { value: 'full' },
    });
    expect(wrong.body).toContain('a whole number from 0 to 3');
    await as(developer).submit(view.id, { 'param.db': { value: '1' }, 'param.why': { value: 'broken' } });
    const asks = await replyWith(world.workspace, root.ts, 'Tell the others that it is broken.');
    await as(developer).click(asks.ts, 'Done');
    const step = await replyWith(
      world.workspace,
      root.ts,
      'waits for a decision',
      '*Emergency* of INC-',
      '12 keys',
    );
    await as(lead).click(step.ts, 'Approve');
    await replyWith(world.workspace, root.ts, '*done*');
    expect(await redis.dbsize()).toBe(0);
  });
});
