/** Alerts that no runbook matches, and alerts that several match. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import { testDatabase } from '../servers/postgres.ts';
import { waitFor } from '../servers/program.ts';
import { startWorld, type World } from './bot.ts';
import { buttonLabels, lastTs, replyWith, rootWith, thread, toldAlone } from './slack-thread.ts';
import { sendAlerts } from './webhook.ts';

const { onCall, guest } = PEOPLE;
const LINE = 'all is well in the shop, said line';
const system = (url: string): string => `version: 1
title: Shop
links: [{ title: The board, url: "https://board.invalid/shop" }]
services:
  web: { url: "${url}", probe: { probe: http, path: /health } }
  redis: { url: "redis://localhost:1", probe: { probe: redis.ping } }
`;
const runbook = (title: string, trigger: string): string => `version: 1
title: ${title}
triggers: ['${trigger}']
impact: ${title} hurts.
diagnose:
  - web: { probe: http, service: web, path: /health }
`;

describe('alerts that a runbook is missing for, or that have several', { timeout: 60_000 }, () => {
  const runbooks = mkdtempSync(join(tmpdir(), 'pageturner-runbooks-'));
  let web: Server;
  let world: World;
  let asked = 0;

  beforeAll(async () => {
    web = createServer((_, res) => {
      asked += 1;
      res.end(LINE);
    });
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    mkdirSync(join(runbooks, 'shop'));
    const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
    const files = {
      'shop/system.yaml': system(url),
      'shop/slow.yaml': runbook('Slow', 'alertname="Slow", service="web"'),
      'shop/anything.yaml': runbook('Anything of the web', 'service="web", alertname=~"Slow|Odd"'),
      'org.yaml': `version: 1\nroles: { tech-lead: ${PEOPLE.lead.id}, on-call: ${onCall.id} }\n`,
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(runbooks, name), text);
    world = await startWorld({ DATABASE_URL: (await testDatabase()).url, RUNBOOKS_DIR: runbooks });
  });
  afterAll(async () => {
    await world.stop();
    web.close();
    rmSync(runbooks, { recursive: true, force: true });
  });

  const fire = async (labels: Readonly<Record<string, string>>) => {
    await sendAlerts(world, [{ labels }]);
    return rootWith(world.workspace, labels.alertname ?? '', 'firing');
  };

  it('asks the service that an unknown alert names, and says how to write its runbook', async () => {
    const root = await fire({ alertname: 'DiskNearlyFull', system: 'shop', service: 'web' });
    const reply = await replyWith(world.workspace, root.ts, 'No runbook matches', '*Health* (web) up');
    expect(reply.text).toContain('`npx pageturner new shop/disk-nearly-full`');
    expect(reply.text).toContain('<https://board.invalid/shop|The board>');
    expect(reply.text).not.toContain('(redis)');
    expect(buttonLabels(root)).toContain('Re-run');
    const before = asked;
    await world.workspace.as(onCall.id).click(root.ts, 'Re-run');
    await waitFor('another look', 15_000, () => asked > before);
  });

  it('asks every service of a system where no known one is named', async () => {
    const root = await fire({ alertname: 'Strange', system: 'shop', service: 'webb' });
    const reply = await replyWith(world.workspace, root.ts, '*Health* (web) up', '*Health* (redis) down');
    expect(reply.text).toContain('"webb" is no service of shop');
  });

  it('says which systems there are to an alert that names none, or one that nobody knows', async () => {
    const none = await fire({ alertname: 'Nowhere' });
    const said = await replyWith(world.workspace, none.ts, 'No runbook matches', 'It names no system');
    expect(said.text).toContain('`shop`');
    const stranger = await fire({ alertname: 'Elsewhere', system: 'shopp' });
    await replyWith(world.workspace, stranger.ts, 'names a system that nobody knows', '`shop`');
    expect(buttonLabels(none)).not.toContain('Re-run');
  });

  it('asks for an incident by hand as well', async () => {
    await world.workspace.as(onCall.id).command('/ops incident open shop redis it feels slow');
    const root = await rootWith(world.workspace, 'OpenedByHand', 'it feels slow');
    await replyWith(world.workspace, root.ts, 'No runbook matches', '*Health* (redis) down');
  });

  it('offers the less specific runbooks, and takes one instead when somebody says so', async () => {
    const { workspace } = world;
    const root = await fire({ alertname: 'Slow', system: 'shop', service: 'web' });
    const reply = await replyWith(workspace, root.ts, '*Slow*', '`/ops runbook shop/anything`');
    expect(root.text).toContain('shop/slow');
    const before = lastTs(workspace);
    await workspace.as(guest.id).click(reply.ts, 'Use shop/anything instead');
    await toldAlone(workspace, guest.id, 'not authorised', before);
    await workspace.as(onCall.id).click(reply.ts, 'Use shop/anything instead');
    const changed = await replyWith(workspace, root.ts, '*Anything of the web*', '`/ops runbook shop/slow`');
    expect(changed.ts).toBe(reply.ts);
    expect(buttonLabels(changed)).toEqual(['Use shop/slow instead']);
    await rootWith(workspace, 'Slow', 'runbook `shop/anything`');
    const audit = lastTs(workspace);
    await workspace.as(onCall.id).command('/ops audit');
    await toldAlone(workspace, onCall.id, 'incident.runbook', audit);
    expect(thread(workspace, root.ts).filter(({ text }) => text.includes('*Diagnosis*'))).toHaveLength(1);
  });
});
