/** Changes to production outside incidents: freeze, window, five boxes, two people; on a real Redis. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import { testDatabase } from '../servers/postgres.ts';
import { waitFor } from '../servers/program.ts';
import { type RedisServer, startRedis } from '../servers/redis.ts';
import { runCli, startWorld, type World } from './bot.ts';
import { lastTs, replyWith, roots, rootWith, toldAlone } from './slack-thread.ts';
import { sendAlerts } from './webhook.ts';

const system = (more: string): string => `version: 1
title: Shop
${more}services:
  redis: { url: "redis://localhost:1", probe: { probe: redis.ping } }
`;
const CLEAN = `version: 1
title: Clean the cache
steps:
  - flush: { title: Flush it, action: redis.flushdb, service: redis, db: 0 }
verify: [{ probe: redis.ping, service: redis, within: 10s }]
`;
const CLEAN_BY_TWO = CLEAN.replace('db: 0', 'db: 0, approvals: { prod: 2 }');
const FULL = `version: 1
title: The cache is full
triggers: ['alertname="CacheFull"']
recover:
  - flush: { title: Flush the cache, steps: [{ action: redis.flushdb, service: redis, db: 0 }] }
verify: [{ probe: redis.ping, service: redis, within: 10s }]
`;
const ALWAYS = '[{ every: day, from: "00:00", to: "24:00" }]';
const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

function org(rules: string): string {
  const { lead, onCall, duty } = PEOPLE;
  return `version: 1\nroles: { tech-lead: ${lead.id}, on-call: ${onCall.id}, duty-officer: ${duty.id} }\n${rules}`;
}

describe('a change to production', { timeout: 180_000 }, () => {
  let redisServer: RedisServer;
  let redis: Redis;
  let world: World;
  const runbooks = mkdtempSync(join(tmpdir(), 'pageturner-runbooks-'));
  const write = (path: string, text: string): void => writeFileSync(join(runbooks, path), text);

  beforeAll(async () => {
    for (const folder of ['shop/operations', 'infra/operations'])
      mkdirSync(join(runbooks, folder), { recursive: true });
    write('shop/system.yaml', system(''));
    write('infra/system.yaml', system('approvers: [duty-officer]\n'));
    write('org.yaml', org(`windows: ${ALWAYS}\n`));
    write('shop/operations/clean.yaml', CLEAN);
    write('shop/operations/clean-by-two.yaml', CLEAN_BY_TWO);
    write('infra/operations/clean.yaml', CLEAN);
    write('shop/full.yaml', FULL);
    redisServer = await startRedis();
    redis = new Redis(redisServer.url);
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
    await world.stop();
    redis.disconnect();
    await redisServer.stop();
    rmSync(runbooks, { recursive: true, force: true });
  });

  const { lead, onCall, duty, developer, guest } = PEOPLE;
  const as = (who: { readonly id: string }) => world.workspace.as(who.id);
  const told = async (
    who: { readonly id: string },
    part: string,
    act: () => Promise<unknown>,
  ): Promise<void> => {
    const before = lastTs(world.workspace);
    await act();
    await toldAlone(world.workspace, who.id, part, before);
  };
  /** Asks for a run and answers its root and the step that waits. */
  async function asked(runbook: string): Promise<{ root: string; step: string }> {
    const before = new Set(roots(world.workspace).map((root) => root.ts));
    await as(developer).command(`/ops run ${runbook}`);
    const root = await waitFor('the run’s thread', 15_000, () =>
      roots(world.workspace).find((one) => !before.has(one.ts) && one.text.includes('Clean the cache')),
    );
    return { root: root.ts, step: (await replyWith(world.workspace, root.ts, 'waits for a decision')).ts };
  }
  const boxes = { selected: ['staging', 'rollback', 'monitored'] };
  const keys = () => redis.dbsize();

  it('waits for its five boxes, of which the last is the tech lead’s click', async () => {
    const { root, step } = await asked('shop/operations/clean');
    await told(lead, 'Tested in staging; The rollback plan', () => as(lead).click(step, 'Approve'));
    await told(guest, 'not authorised', () => as(guest).click(step, 'boxes.tick', boxes));
    await as(developer).click(step, 'boxes.tick', { selected: ['staging'] });
    await replyWith(world.workspace, root, `☑ Tested in staging · <@${developer.id}>`);
    await as(onCall).click(step, 'boxes.tick', boxes);
    const all = await replyWith(world.workspace, root, `☑ Somebody watches it afterwards · <@${onCall.id}>`);
    // Who ticked first stays.
    expect(all.text).toContain(`☑ Tested in staging · <@${developer.id}>`);
    await as(onCall).click(step, 'boxes.tick', { selected: ['staging', 'rollback'] });
    await waitFor('the box to be open again', 15_000, () =>
      world.workspace.store.find(all.channel, step)?.text.includes('☑ Somebody watches') ? null : true,
    );
    await told(lead, 'Open of the five boxes: Somebody watches it afterwards.', () =>
      as(lead).click(step, 'Approve'),
    );
    await as(onCall).click(step, 'boxes.tick', boxes);
    await replyWith(world.workspace, root, '☑ Somebody watches it afterwards');
    await told(lead, 'may approve', () => as(lead).command(`/ops delegate <@${onCall.id}> 1h`));
    await told(lead, '12 h at most', () => as(lead).command(`/ops delegate <@${onCall.id}> 13h`));
    await told(onCall, 'The technical lead approves', () => as(onCall).click(step, 'Approve'));
    expect(await keys()).toBe(12);
    await as(lead).click(step, 'Approve');
    await replyWith(world.workspace, root, '*done*', 'Approved by', '☑ The rollback plan is written down');
    expect(await keys()).toBe(0);
    const { stdout } = await runCli(['audit', 'verify'], world.env);
    expect(stdout).toMatch(/audit: \d+ entries/u);
  });

  it('needs two people where the catalog says so', async () => {
    const { root, step } = await asked('shop/operations/clean-by-two');
    await as(developer).click(step, 'boxes.tick', boxes);
    await replyWith(world.workspace, root, '☑ Somebody watches it afterwards', '0 of 2 approvals');
    await as(lead).click(step, 'Approve');
    await replyWith(world.workspace, root, '1 of 2 approvals');
    await told(lead, 'second person', () => as(lead).click(step, 'Approve'));
    expect(await keys()).toBe(12);
    await as(onCall).click(step, 'Approve');
    await replyWith(world.workspace, root, '*done*');
    expect(await keys()).toBe(0);
  });

  it('of shared services is the duty officer’s to approve, and of no others', async () => {
    const other = await asked('shop/operations/clean');
    await told(duty, 'not authorised', () => as(duty).click(other.step, 'Approve'));
    const { root, step } = await asked('infra/operations/clean');
    await as(developer).click(step, 'boxes.tick', boxes);
    await replyWith(world.workspace, root, '☑ Somebody watches it afterwards');
    await as(duty).click(step, 'Approve');
    await replyWith(world.workspace, root, '*done*', 'duty officer');
    expect(await keys()).toBe(0);
  });

  it('outside the window is refused at asking and at approving, unless it is an emergency', async () => {
    const { root, step } = await asked('shop/operations/clean');
    await as(developer).click(step, 'boxes.tick', boxes);
    await replyWith(world.workspace, root, '☑ Somebody watches it afterwards');
    const next = new Date(Date.now() + 12 * 3_600_000);
    const hour = String(next.getUTCHours()).padStart(2, '0');
    write('org.yaml', org(`windows: [{ every: day, from: "${hour}:00", to: "${hour}:30" }]\n`));
    await world.restart('SIGTERM');
    await told(developer, 'outside the window', () =>
      as(developer).command('/ops run shop/operations/clean'),
    );
    await told(lead, `${next.toISOString().slice(0, 10)} ${hour}:00 UTC`, () =>
      as(lead).click(step, 'Approve'),
    );
    expect(await keys()).toBe(12);

    await sendAlerts(world, [{ labels: { alertname: 'CacheFull', system: 'shop', service: 'redis' } }]);
    const incident = await rootWith(world.workspace, 'CacheFull');
    const diagnosis = await replyWith(world.workspace, incident.ts, 'Recovery');
    await as(developer).click(diagnosis.ts, 'Flush the cache');
    const emergency = await replyWith(
      world.workspace,
      incident.ts,
      'waits for a decision',
      '*Emergency* of INC-',
    );
    await as(lead).click(emergency.ts, 'Approve');
    await replyWith(world.workspace, incident.ts, '*done*');
    expect(await keys()).toBe(0);
  });

  it('in a freeze is refused at asking, approving and starting, emergencies too', async () => {
    write('org.yaml', org(`windows: ${ALWAYS}\n`));
    await world.restart('SIGTERM');
    await sendAlerts(world, [{ labels: { alertname: 'CacheFull', system: 'shop', service: 'again' } }]);
    const incident = await rootWith(world.workspace, 'CacheFull', 'again');
    const diagnosis = await replyWith(world.workspace, incident.ts, 'Recovery');
    await as(developer).click(diagnosis.ts, 'Flush the cache');
    const step = await replyWith(world.workspace, incident.ts, 'waits for a decision');
    const freeze = `freezes: [{ from: ${day(-1)}, to: ${day(2)}, reason: a launch, systems: [shop] }]\n`;
    write('org.yaml', org(`windows: ${ALWAYS}\n${freeze}`));
    await world.restart('SIGTERM');
    await told(lead, `freeze until ${day(2)} 00:00 UTC (a launch)`, () => as(lead).click(step.ts, 'Approve'));
    await told(developer, 'freeze', () => as(developer).command('/ops run shop/operations/clean'));
    await told(lead, '', () => as(lead).command(`/ops deny ${/STEP-\d+/u.exec(step.text)?.[0]} a launch`));
    await told(developer, 'freeze', () => as(developer).click(diagnosis.ts, 'Flush the cache'));
    expect(await keys()).toBe(12);
    // Another system is free, until the freeze is for all.
    const { root, step: late } = await asked('infra/operations/clean');
    await as(developer).click(late, 'boxes.tick', boxes);
    await replyWith(world.workspace, root, '☑ Somebody watches it afterwards');
    await world.restart('SIGTERM', { PAGETURNER_ROLE: 'gateway' });
    await as(duty).click(late, 'Approve');
    await replyWith(world.workspace, root, '✓ *approved*');
    write('org.yaml', org(`windows: ${ALWAYS}\n${freeze.replace(', systems: [shop]', '')}`));
    await world.restart('SIGTERM');
    await replyWith(world.workspace, root, '*expired*', 'freeze until');
    expect(await keys()).toBe(12);
  });
});
