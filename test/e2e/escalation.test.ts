/** Nobody answers: people are called one after the other, and paged; a crash in between loses no page. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import { testDatabase } from '../servers/postgres.ts';
import { freePort, waitFor } from '../servers/program.ts';
import { type RedisServer, startRedis } from '../servers/redis.ts';
import { startWorld, type World } from './bot.ts';
import { replyWith, rootWith, thread, toldAlone } from './slack-thread.ts';
import { sendAlerts } from './webhook.ts';

const { lead, onCall, duty, developer } = PEOPLE;
const BACKUP = 'UBACKUP01';
const SYSTEM = `version: 1
title: Shop
services:
  redis: { url: "redis://localhost:1", probe: { probe: redis.ping } }
`;
const FULL = `version: 1
title: The cache is full
triggers: ['alertname="CacheFull"']
recover:
  - flush: { title: Flush the cache, steps: [{ action: redis.flushdb, service: redis, db: 0 }] }
verify: [{ probe: redis.ping, service: redis, within: 10s }]
`;
const org = (escalation: string): string => `version: 1
roles: { tech-lead: ${lead.id}, duty-officer: ${duty.id} }
rotation: { starts: 2026-01-05, every: 52w, people: [${onCall.id}, ${BACKUP}] }
escalation: ${escalation}
bridge: +49 30 0000
contacts: { security: sec@example.invalid }
`;

interface Paged {
  readonly routing_key?: string;
  readonly dedup_key: string;
  readonly event_action?: string;
  readonly payload?: { readonly summary: string; readonly severity: string };
}

describe('when nobody answers', { timeout: 180_000 }, () => {
  const runbooks = mkdtempSync(join(tmpdir(), 'pageturner-runbooks-'));
  const pages: Paged[] = [];
  let answer = 202;
  let paging: Server;
  let pagingUrl: string;
  let redis: RedisServer;
  let world: World | null = null;

  beforeAll(async () => {
    mkdirSync(join(runbooks, 'shop'), { recursive: true });
    writeFileSync(join(runbooks, 'shop', 'system.yaml'), SYSTEM);
    writeFileSync(join(runbooks, 'shop', 'full.yaml'), FULL);
    redis = await startRedis();
    const port = await freePort();
    pagingUrl = `http://127.0.0.1:${port}/v2/enqueue`;
    paging = createServer((req, res) => {
      let body = '';
      req.on('data', (part: Buffer) => {
        body += part;
      });
      req.on('end', () => {
        pages.push(JSON.parse(body) as Paged);
        res.writeHead(answer).end();
      });
    });
    await new Promise<void>((resolve) => paging.listen(port, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    await world?.stop();
    world = null;
    pages.length = 0;
    answer = 202;
  });
  afterAll(async () => {
    paging.closeAllConnections();
    await new Promise((resolve) => paging.close(resolve));
    await redis.stop();
    rmSync(runbooks, { recursive: true, force: true });
  });

  async function open(escalation: string, env: Readonly<Record<string, string>> = {}): Promise<World> {
    writeFileSync(join(runbooks, 'org.yaml'), org(escalation));
    world = await startWorld({
      DATABASE_URL: (await testDatabase()).url,
      SHOP_REDIS_URL: redis.url,
      RUNBOOKS_DIR: runbooks,
      PAGING_WEBHOOK_URL: pagingUrl,
      PAGING_ROUTING_KEY: 'routing-key-for-tests',
      ...env,
    });
    return world;
  }
  const fire = async (of: World, severity: string) => {
    await sendAlerts(of, [
      { labels: { alertname: 'CacheFull', system: 'shop', service: 'redis', severity } },
    ]);
    return rootWith(of.workspace, 'CacheFull');
  };

  it('calls on-call, backup and tech lead in turn, once each, with a page for each', async () => {
    const of = await open('{ after: 1s, wait: 2s }');
    const root = await fire(of, 'critical');
    const first = await replyWith(
      of.workspace,
      root.ts,
      `<@${onCall.id}> (on call)`,
      `<@${BACKUP}> (backup)`,
    );
    expect(first.text).toContain('+49 30 0000');
    expect(first.text).toContain('contacts unset: administrator, database administrator, on call');
    await replyWith(of.workspace, root.ts, `⏫ <@${BACKUP}> (backup)`);
    await replyWith(of.workspace, root.ts, `⏫ <@${lead.id}> (tech lead)`, 'Nobody is left', 'Page: sent');
    await waitFor('three pages', 15_000, () => pages.length >= 3 || null);
    expect(new Set(pages.map((page) => page.dedup_key)).size).toBe(3);
    expect(pages[0]).toMatchObject({
      routing_key: 'routing-key-for-tests',
      event_action: 'trigger',
      payload: { severity: 'critical' },
    });
    expect(thread(of.workspace, root.ts).filter((one) => one.text.startsWith('⏫'))).toHaveLength(3);
    expect(of.bot.output()).not.toContain('routing-key-for-tests');
  });

  it('a critical alert that no runbook knows is escalated too, one that is not critical is not', async () => {
    const of = await open('{ after: 1s, wait: 10m }');
    for (const severity of ['warning', 'critical'])
      await sendAlerts(of, [{ labels: { alertname: `Strange-${severity}`, severity } }]);
    const root = await rootWith(of.workspace, 'Strange-critical');
    await replyWith(of.workspace, root.ts, `⏫ <@${onCall.id}>`);
    const other = await rootWith(of.workspace, 'Strange-warning');
    expect(thread(of.workspace, other.ts).filter((one) => one.text.startsWith('⏫'))).toEqual([]);
  });

  it('Acknowledge ends it', async () => {
    const of = await open('{ after: 1s, wait: 3s }');
    const root = await fire(of, 'critical');
    await replyWith(of.workspace, root.ts, `⏫ <@${onCall.id}>`);
    await of.workspace.as(onCall.id).click(root.ts, 'Acknowledge');
    await replyWith(of.workspace, root.ts, `acknowledged by <@${onCall.id}>: nobody else is called`);
    // Longer than the wait: whoever would be next is not called.
    await new Promise((resolve) => setTimeout(resolve, 4000));
    expect(thread(of.workspace, root.ts).filter((one) => one.text.startsWith('⏫'))).toHaveLength(1);
  });

  it('a page that is refused is tried again with the same key, also after a crash', async () => {
    const of = await open('{ after: 1s, wait: 10m }');
    answer = 503;
    await fire(of, 'critical');
    await waitFor('the first attempt', 15_000, () => pages.length >= 1 || null);
    await of.bot.kill('SIGKILL');
    answer = 202;
    const before = pages.length;
    await of.restart('SIGKILL');
    await waitFor('another attempt', 45_000, () => pages.length > before || null);
    expect(new Set(pages.map((page) => page.dedup_key)).size).toBe(1);
    await replyWith(of.workspace, (await rootWith(of.workspace, 'CacheFull')).ts, 'Page: sent');
  });

  it('a request that waits is reminded of, then everyone is called, then it says whom to ask', async () => {
    const of = await open('{ after: 10m }', { APPROVAL_EXPIRES_PERSON: '15s' });
    const root = await fire(of, 'warning');
    const diagnosis = await replyWith(of.workspace, root.ts, 'Recovery');
    await of.workspace.as(developer.id).click(diagnosis.ts, 'Flush the cache');
    await replyWith(of.workspace, root.ts, `⏫ <@${lead.id}> (may decide)`, 'needs a decision');
    expect(pages).toHaveLength(0);
    await replyWith(of.workspace, root.ts, '⏫', `<@${onCall.id}>, <@${BACKUP}>, <@${lead.id}>`);
    await waitFor('a page', 15_000, () => pages.length > 0 || null);
    await replyWith(of.workspace, root.ts, '*expired*', 'Whom to call', `<@${BACKUP}>`);
    expect(pages).toHaveLength(1);
  });

  it('`/ops oncall` says who is on call, until when, who is next, and what is unset', async () => {
    const of = await open('{ after: 10m }');
    await of.workspace.as(lead.id).command(`/ops delegate <@${onCall.id}> 1h for shop`);
    await toldAlone(of.workspace, lead.id, 'may approve');
    await of.workspace.as(developer.id).command('/ops oncall');
    const said = await toldAlone(of.workspace, developer.id, `*On call*: <@${onCall.id}>`);
    for (const part of [
      `then <@${BACKUP}>`,
      `*Backup*: <@${BACKUP}>`,
      `*Tech lead*: <@${lead.id}>`,
      `*Duty officer*: <@${duty.id}>`,
      `<@${onCall.id}> by <@${lead.id}>, for shop`,
      'security: sec@example.invalid',
      'contacts unset: administrator',
    ])
      expect(said.text).toContain(part);
  });
});
