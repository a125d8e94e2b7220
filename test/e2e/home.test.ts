/** App Home: it comes when it is opened, follows what happens, and is each person's own. */
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHANNELS, PEOPLE } from '../../src/local/workspace/people.ts';
import { testDatabase } from '../servers/postgres.ts';
import { waitFor } from '../servers/program.ts';
import { startWorld, type World } from './bot.ts';
import { rootWith } from './slack-thread.ts';
import { sendAlerts } from './webhook.ts';

const { lead, onCall, developer, guest } = PEOPLE;
const DEADLINE_MS = 30_000;
const PACE_MS = 3000;
const system = (url: string): string => `version: 1
title: Shop
services:
  web: { url: "${url}", probe: { probe: http, path: /health } }
  redis: { url: "redis://localhost:1", probe: { probe: redis.ping } }
programs:
  seed: { says: Fills the database, run: [./seed], in: { folder: "\${SHOP_DIR}" } }
`;
const SEED = `version: 1
title: Seed the shop
steps:
  - seed: { action: command, program: seed }
verify: [{ probe: disk, minFreePercent: 0 }]
`;

describe('App Home', { timeout: 120_000 }, () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pageturner-home-')));
  let web: Server;
  let world: World;

  beforeAll(async () => {
    web = createServer((_, res) => res.end('ok'));
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    const runbooks = join(folder, 'runbooks');
    mkdirSync(join(runbooks, 'shop', 'operations'), { recursive: true });
    const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
    writeFileSync(join(runbooks, 'shop', 'system.yaml'), system(url));
    writeFileSync(join(runbooks, 'shop', 'operations', 'seed.yaml'), SEED);
    writeFileSync(
      join(runbooks, 'org.yaml'),
      `version: 1\nroles: { tech-lead: ${lead.id}, on-call: ${onCall.id} }\n`,
    );
    writeFileSync(join(folder, 'seed'), '#!/bin/sh\necho done\n');
    chmodSync(join(folder, 'seed'), 0o755);
    world = await startWorld({
      DATABASE_URL: (await testDatabase()).url,
      RUNBOOKS_DIR: runbooks,
      SHOP_DIR: folder,
      HEALTH_EVERY: '1s',
    });
  });
  afterAll(async () => {
    await world.stop();
    web.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const textOf = (who: { readonly id: string }): string =>
    JSON.stringify(world.workspace.store.homes.get(who.id)?.blocks ?? []);
  const shows = (who: { readonly id: string }, ...parts: readonly string[]): Promise<string> =>
    waitFor(`the Home of ${who.id} to show ${parts.join(', ')}`, DEADLINE_MS, () => {
      const text = textOf(who);
      return parts.every((part) => text.includes(part)) ? text : null;
    }).catch((error: unknown) => {
      throw new Error(`the Home of ${who.id} is: ${textOf(who)}`, { cause: error });
    });
  const published = (who: { readonly id: string }) =>
    world.workspace.store.calls.filter(
      ({ method, args, answer }) => method === 'views.publish' && args.user_id === who.id && answer === 'ok',
    );

  it('shows the health of every system, with since when, and who is on call', async () => {
    expect((await world.workspace.as(lead.id).openHome()).status).toBe(200);
    const text = await shows(lead, '🔴 *shop* · 1 of 2 up · down since', 'redis down');
    expect(text).toContain(`*On call*: <@${onCall.id}>`);
    expect(text).toContain('No incident is open.');
    expect(text).toContain('Nothing waits for a decision.');
    expect(world.workspace.store.homes.has(onCall.id)).toBe(false);
  });

  it('follows incidents by itself, each with a link to its thread', async () => {
    await sendAlerts(world, [{ labels: { alertname: 'Strange<!here>', system: 'shop', service: 'web' } }]);
    const root = await rootWith(world.workspace, 'Strange', 'firing');
    const id = /INC-\d+/u.exec(root.text)?.[0] ?? '?';
    const link = `archives/${CHANNELS.ops.id}/p${root.ts.replace('.', '')}`;
    const text = await shows(lead, `*${id}*`, 'shop / web', '*firing* since', link);
    expect(text).not.toContain('<!here>');
    await world.workspace.as(onCall.id).click(root.ts, 'Acknowledge');
    await shows(lead, '*acknowledged* since');
  });

  it('shows what waits to whoever may approve it, and to others only that it waits', async () => {
    for (const who of [guest, onCall, developer]) await world.workspace.as(who.id).openHome();
    await shows(developer, 'Nothing waits for a decision.');
    // A guest reads nothing.
    expect(world.workspace.store.homes.has(guest.id)).toBe(false);
    await world.workspace.as(onCall.id).command('/ops run shop/operations/seed');
    const root = await rootWith(world.workspace, 'Seed the shop', 'waits for a decision');
    const step = /STEP-\d+/u.exec(root.text)?.[0] ?? '?';
    await shows(lead, `*${step}* \`command\` on shop`, `asked by <@${onCall.id}>`, `thread_ts=${root.ts}`);
    for (const who of [onCall, developer])
      expect(await shows(who, 'Nothing that you may approve now; 1 request waits')).not.toContain(step);
    await world.workspace.as(lead.id).command(`/ops approve ${step}`);
    await shows(lead, 'Nothing waits for a decision.');
  });

  it('obeys Slack when it says to wait, and goes on after a kill without being opened again', async () => {
    world.workspace.faults.next('views.publish', { kind: 'limited', retryAfterSeconds: 2 });
    world.workspace.faults.next('views.publish', { kind: 'http', status: 503 });
    await world.workspace.as(onCall.id).command('/ops halt *testing* the brakes');
    await shows(lead, '⛔ *Everything is halted*', `<@${onCall.id}>`);
    await shows(developer, 'Everything is halted');
    await world.restart('SIGKILL');
    await world.workspace.as(lead.id).command('/ops halt lift');
    await waitFor(
      'the halt to be gone',
      90_000,
      () => !textOf(lead).includes('Everything is halted') || null,
    );
  });

  it('never changes faster than its pace, nor when nothing is new', () => {
    const times = published(lead).map(({ at }) => at);
    const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(PACE_MS - 200);
    const views = published(lead).map(({ args }) => JSON.stringify(args.view).replace(/As of [^"]*/u, ''));
    expect(views.filter((view, i) => view === views[i - 1])).toEqual([]);
  });
});
