/** Maintenance: a checklist, and silences in a real Alertmanager that end by themselves, whatever happens to the bot. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listSilences } from '../../src/clients/alertmanager.ts';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import { type AlertmanagerServer, startAlertmanager } from '../servers/alertmanager.ts';
import { testDatabase } from '../servers/postgres.ts';
import { freePort, waitFor } from '../servers/program.ts';
import { startWorld, type World } from './bot.ts';
import { lastTs, replyWith, rootWith, toldAlone } from './slack-thread.ts';
import { sendAlerts } from './webhook.ts';

const { lead, onCall, duty, developer, guest } = PEOPLE;
const SYSTEM = `version: 1
title: Shop
services:
  redis: { url: "redis://localhost:1", probe: { probe: redis.ping } }
`;
const org = (rules: string): string =>
  `version: 1\nroles: { tech-lead: ${lead.id}, on-call: ${onCall.id}, duty-officer: ${duty.id} }\n${rules}`;
const OPEN = org('windows: [{ every: day, from: "00:00", to: "24:00" }]\n');
const CLOSED = org('windows: []\n');

describe('maintenance', { timeout: 180_000 }, () => {
  const runbooks = mkdtempSync(join(tmpdir(), 'pageturner-runbooks-'));
  let alertmanager: AlertmanagerServer;
  let relay: Server;
  let world: World;
  /** How many more answers to a new silence get lost on the way back. */
  let lost = 0;

  beforeAll(async () => {
    for (const name of ['shop', 'depot']) {
      mkdirSync(join(runbooks, name), { recursive: true });
      writeFileSync(join(runbooks, name, 'system.yaml'), SYSTEM);
    }
    writeFileSync(join(runbooks, 'org.yaml'), OPEN);
    alertmanager = await startAlertmanager({ webhookUrl: 'http://127.0.0.1:1', bearerToken: 'unused' });
    const port = await freePort();
    relay = createServer((req, res) => {
      const parts: Buffer[] = [];
      req.on('data', (part: Buffer) => parts.push(part));
      req.on('end', async () => {
        const body = Buffer.concat(parts);
        const answer = await request(`${alertmanager.url}${req.url}`, {
          method: req.method === 'POST' ? 'POST' : req.method === 'DELETE' ? 'DELETE' : 'GET',
          headers: { 'content-type': 'application/json' },
          ...(body.length === 0 ? {} : { body }),
        });
        const text = await answer.body.text();
        if (req.method === 'POST' && lost > 0) {
          lost -= 1;
          res.destroy();
          return;
        }
        res.writeHead(answer.statusCode, { 'content-type': 'application/json' }).end(text);
      });
    });
    await new Promise<void>((resolve) => relay.listen(port, '127.0.0.1', resolve));
    world = await startWorld({
      DATABASE_URL: (await testDatabase()).url,
      RUNBOOKS_DIR: runbooks,
      ALERTMANAGER_URL: `http://127.0.0.1:${port}`,
      PAGETURNER_ENV: 'prod',
    });
  });
  afterAll(async () => {
    await world.stop();
    relay.closeAllConnections();
    await new Promise((resolve) => relay.close(resolve));
    await alertmanager.stop();
    rmSync(runbooks, { recursive: true, force: true });
  });

  const command = async (who: { readonly id: string }, line: string, answer: string): Promise<string> => {
    const before = lastTs(world.workspace);
    await world.workspace.as(who.id).command(line);
    return (await toldAlone(world.workspace, who.id, answer, before)).text;
  };
  const silences = async () =>
    (await listSilences(alertmanager.url, { signal: AbortSignal.timeout(10_000), timeoutMs: 10_000 })).filter(
      ({ state }) => state !== 'expired',
    );

  it('silences its systems to its very end, once, though an answer is lost and the bot dies', async () => {
    await command(developer, '/ops maintenance start shop upgrade', 'not authorised');
    await command(guest, '/ops maintenance start shop upgrade', 'not authorised');
    await command(duty, '/ops maintenance start shopp upgrade', 'There is no system “shopp”');
    lost = 1;
    await command(duty, '/ops maintenance start for 10m an upgrade of everything', 'MAINT-1 has begun');
    const root = await rootWith(world.workspace, '*Maintenance* of', 'MAINT-1', 'an upgrade of everything');
    await world.restart('SIGKILL');
    await rootWith(world.workspace, 'MAINT-1', 'Alerts of shop: silenced', 'Alerts of depot: silenced');
    const set = await silences();
    expect(
      set.map(({ matchers }) => matchers.map(({ label, op, value }) => `${label}${op}${value}`)),
    ).toEqual(expect.arrayContaining([['system=shop'], ['system=depot']]));
    expect(set).toHaveLength(2);
    const ends = new Set(set.map(({ endsAt }) => endsAt.getTime()));
    expect(ends.size).toBe(1);
    expect(([...ends][0] ?? 0) - Date.now()).toBeLessThan(10 * 60_000);
    expect(([...ends][0] ?? 0) - Date.now()).toBeGreaterThan(7 * 60_000);
    await command(lead, '/ops maintenance start shop another', 'MAINT-1 is under way');

    const checklist = await replyWith(world.workspace, root.ts, '*Checklist*');
    const tick = (who: { readonly id: string }, action: string, selected: readonly string[]) =>
      world.workspace.as(who.id).click(checklist.ts, action, { selected });
    await tick(onCall, 'maintenance.tick.pre.0', ['pre-announce', 'pre-rollback']);
    await replyWith(world.workspace, root.ts, `☑ The rollback plan is verified · <@${onCall.id}>`);
    await tick(developer, 'maintenance.tick.communication.0', ['communication-summary']);
    await replyWith(world.workspace, root.ts, `☑ The summary is posted · <@${developer.id}>`);
    await rootWith(world.workspace, 'MAINT-1', 'checklist: 3 of 12');
    expect(await command(developer, '/ops maintenance status', '*MAINT-1*')).toContain(
      'Grafana: the SLOs are met',
    );

    await command(onCall, '/ops maintenance end', '9 boxes of its checklist are open');
    await rootWith(
      world.workspace,
      'MAINT-1',
      '*ended*',
      `by <@${onCall.id}>`,
      'Alerts of shop: no longer silenced',
    );
    expect(await silences()).toEqual([]);
  });

  it('is over by itself when its time is up', async () => {
    const said = await command(lead, '/ops maintenance start shop for 3s a short one', 'has begun');
    const name = /MAINT-\d+/u.exec(said)?.[0] ?? '';
    await rootWith(world.workspace, name, '*ended*', 'by pageturner');
    await waitFor('the silence to have ended', 15_000, async () => (await silences()).length === 0 || null);
  });

  it('outside the window is refused, unless it is an emergency of an open incident', async () => {
    writeFileSync(join(runbooks, 'org.yaml'), CLOSED);
    await world.restart('SIGTERM');
    await command(lead, '/ops maintenance start shop upgrade', 'outside the window');
    await command(lead, '/ops maintenance start shop INC-77 upgrade', 'unknown request');
    await sendAlerts(world, [{ labels: { alertname: 'Down', system: 'shop', service: 'redis' } }]);
    const incident = /INC-\d+/u.exec((await rootWith(world.workspace, '*Down*')).text)?.[0] ?? '';
    await command(lead, `/ops maintenance start shop for 1h ${incident} the disk`, 'has begun');
    await rootWith(world.workspace, `emergency ${incident}`, 'Alerts of shop: silenced');
    await command(lead, '/ops maintenance end', 'has ended');
  });
});
