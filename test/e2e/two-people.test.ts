/** Whoever began something can't approve it, by whatever way they began it; what an alert began one person approves. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import type { Message } from '../../src/local/workspace/store.ts';
import { testDatabase } from '../servers/postgres.ts';
import { waitFor } from '../servers/program.ts';
import { type RedisServer, startRedis } from '../servers/redis.ts';
import { startWorld, type World } from './bot.ts';
import { sendForm } from './replay.ts';
import { buttonLabels, ephemerals, lastTs, replyWith, rootWith, thread, toldAlone } from './slack-thread.ts';
import { sendAlerts } from './webhook.ts';

const SYSTEM = `version: 1
title: Shop
services:
  redis: { url: "redis://localhost:1", probe: { probe: redis.ping } }
`;
/** The condition is always there: what the diagnosis confirms is proposed. */
const full = (alert: string): string => `version: 1
title: ${alert}
triggers: ['alertname="${alert}"']
condition: { probe: redis.keyspace, service: redis, holds: { total: "> 0" }, says: "There are {total} keys" }
recover:
  - flush: { title: Flush the shop, propose: true, steps: [{ action: redis.flushdb, service: redis, db: 0 }] }
`;
const { lead, duty, onCall, developer } = PEOPLE;
const COLLEAGUE = duty;

describe('two people', { timeout: 120_000 }, () => {
  const runbooks = mkdtempSync(join(tmpdir(), 'pageturner-runbooks-'));
  let server: RedisServer;
  let queue: RedisServer;
  let redis: Redis;
  let world: World;
  beforeAll(async () => {
    mkdirSync(join(runbooks, 'shop'), { recursive: true });
    writeFileSync(join(runbooks, 'shop', 'system.yaml'), SYSTEM);
    for (const name of ['ShopFull', 'ShopSlow'])
      writeFileSync(join(runbooks, 'shop', `${name.toLowerCase()}.yaml`), full(name));
    writeFileSync(
      join(runbooks, 'org.yaml'),
      `version: 1\nroles: { tech-lead: [${lead.id}, ${COLLEAGUE.id}], on-call: ${onCall.id} }\n`,
    );
    [server, queue] = await Promise.all([startRedis(), startRedis()]);
    redis = new Redis(server.url);
    world = await startWorld({
      DATABASE_URL: (await testDatabase()).url,
      REDIS_URL: queue.url,
      SHOP_REDIS_URL: server.url,
      RUNBOOKS_DIR: runbooks,
    });
  });
  afterAll(async () => {
    await world.stop();
    redis.disconnect();
    await Promise.all([server.stop(), queue.stop()]);
    rmSync(runbooks, { recursive: true, force: true });
  });

  const flushes = async (): Promise<number> =>
    Number(/cmdstat_flushdb:calls=(\d+)/u.exec(await redis.info('commandstats'))?.[1] ?? 0);
  const fill = () => redis.mset('a', '1', 'b', '2');
  const waiting = (root: Message): Promise<Message> =>
    replyWith(world.workspace, root.ts, 'STEP-', 'waits for a decision');
  const fires = async (name: string, alertname = 'ShopFull'): Promise<Message> => {
    await fill();
    const labels = { alertname, system: 'shop', service: 'redis', severity: 'warning', case: name };
    await sendAlerts(world, [{ labels, annotations: { summary: name } }], name);
    return rootWith(world.workspace, alertname, `${name}\n`);
  };

  /** Refused to whoever began it, and done for somebody else. */
  async function needsAnother(root: Message, asker: string, other: string): Promise<void> {
    const { workspace } = world;
    const step = await waitFor('the step that waits', 15_000, () =>
      thread(workspace, root.ts).find(
        ({ text }) => text.includes('waits for a decision') && text.includes(asker),
      ),
    );
    const before = await flushes();
    const told = lastTs(workspace);
    await workspace.as(asker).click(step.ts, 'Approve');
    await toldAlone(workspace, asker, 'your own request', told);
    await workspace.as(asker).command(`/ops approve ${/STEP-\d+/u.exec(step.text)?.[0]}`);
    expect(await flushes()).toBe(before);
    await workspace.as(other).click(step.ts, 'Approve');
    await waitFor('the flush', 15_000, async () => (await flushes()) === before + 1);
  }

  it('what an alert asks for by itself, at night, one person approves', async () => {
    const root = await fires('at-night');
    const step = await waiting(root);
    const before = await flushes();
    await world.workspace.as(lead.id).click(step.ts, 'Approve');
    await waitFor('the flush', 15_000, async () => (await flushes()) === before + 1);
  });

  it('what a runbook proposes that somebody began by hand', async () => {
    await fill();
    const before = lastTs(world.workspace);
    await world.workspace.as(lead.id).command('/ops run shop/shopfull');
    const name = /INC-\d+/u.exec((await toldAlone(world.workspace, lead.id, 'INC-', before)).text)?.[0] ?? '';
    await needsAnother(await rootWith(world.workspace, name), lead.id, COLLEAGUE.id);
  });

  const offers = (ts: string, label: string): Promise<boolean> =>
    waitFor(`the button ${label}`, 15_000, () => {
      const message = world.workspace.store.messages().find((one) => one.ts === ts);
      return message !== undefined && buttonLabels(message).includes(label);
    });

  it('what a diagnosis proposes that somebody ran again, or of an incident that somebody reopened', async () => {
    const { workspace } = world;
    const root = await fires('again', 'ShopSlow');
    const first = await waiting(root);
    await offers(root.ts, 'Resolve');
    await workspace.as(onCall.id).click(root.ts, 'Resolve');
    await replyWith(workspace, root.ts, /STEP-\d+/u.exec(first.text)?.[0] ?? '', 'expired');
    await fill();
    await offers(root.ts, 'Reopen');
    await workspace.as(lead.id).click(root.ts, 'Reopen');
    await needsAnother(root, lead.id, COLLEAGUE.id);
    await fill();
    await offers(root.ts, 'Re-run');
    await workspace.as(COLLEAGUE.id).click(root.ts, 'Re-run');
    await needsAnother(root, COLLEAGUE.id, lead.id);
  });

  it('a stranger of a shared channel, a deactivated lead and a workflow decide nothing, whatever the payload says', async () => {
    const { workspace } = world;
    const root = await fires('strangers');
    const step = await waiting(root);
    const before = await flushes();
    const STRANGERS = [
      ['USTRANGER1', { team_id: 'T0OTHERS1', is_stranger: true }, 'wrong workspace'],
      ['UGONE00001', { deleted: true }, 'not authorised'],
      ['UWORKFLOW1', { is_bot: true, is_workflow_bot: true }, 'not authorised'],
    ] as const;
    for (const [id, said, word] of STRANGERS) {
      workspace.standing.people.set(id, said);
      for (const line of [
        'halt now',
        'health shop',
        `delegate <@${onCall.id}> 1h`,
        'maintenance start shop for 1h x',
      ]) {
        const told = lastTs(workspace);
        await workspace.as(id).command(`/ops ${line}`);
        await toldAlone(workspace, id, word, told);
      }
      const told = lastTs(workspace);
      await workspace.as(id).click(step.ts, 'Approve');
      await toldAlone(workspace, id, word, told);
    }
    expect(await flushes()).toBe(before);
  });

  it('a command that is sent again changes nothing', async () => {
    const { workspace } = world;
    const form = (text: string, trigger: string, person: string = lead.id) =>
      sendForm(world, {
        ...{ command: '/ops', text, user_id: person, trigger_id: trigger },
        ...{ team_id: 'T0LOCAL01', channel_id: 'C0OPSSHRD', response_url: '' },
      });
    const told = async (words: string, work: () => Promise<unknown>): Promise<void> => {
      const before = lastTs(workspace);
      await work();
      await toldAlone(workspace, lead.id, words, before);
    };
    await told('may approve', () => form(`delegate <@${onCall.id}> 1h`, 'trigger.1'));
    await told('is over', () => form(`delegate <@${onCall.id}> off`, 'trigger.2'));
    await told('already decided', () => form(`delegate <@${onCall.id}> 1h`, 'trigger.1'));
    await told('halted', () => form('halt for a test', 'trigger.3'));
    await told('lifted', () => form('halt lift', 'trigger.4'));
    await told('already decided', () => form('halt for a test', 'trigger.3'));
    const root = await fires('replays');
    const step = await waiting(root);
    const told2 = lastTs(workspace);
    await workspace.as(onCall.id).click(step.ts, 'Approve');
    await toldAlone(workspace, onCall.id, 'not authorised', told2);
    expect(ephemerals(workspace, developer.id)).toEqual([]);
  });
});
