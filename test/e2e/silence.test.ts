/** Silences by hand, in a real Alertmanager. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSilence, listSilences } from '../../src/clients/alertmanager.ts';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import { type AlertmanagerServer, startAlertmanager } from '../servers/alertmanager.ts';
import { testDatabase } from '../servers/postgres.ts';
import { waitFor } from '../servers/program.ts';
import { startWorld, type World } from './bot.ts';
import { lastTs, roots, rootWith, toldAlone } from './slack-thread.ts';
import { sendAlerts } from './webhook.ts';

const { lead, onCall, duty, developer, guest } = PEOPLE;
const system = (alertmanager: string): string => `version: 1
title: Shop
services:
  alertmanager: { url: "${alertmanager}", probe: { probe: http, path: /-/ready } }
  redis: { url: "redis://localhost:1", probe: { probe: redis.ping } }
`;
const ORG = `version: 1
roles: { tech-lead: ${lead.id}, on-call: ${onCall.id}, duty-officer: ${duty.id} }
windows: [{ every: day, from: "00:00", to: "24:00" }]
`;
const bounds = () => ({ signal: AbortSignal.timeout(10_000), timeoutMs: 10_000 });

describe('silences by hand', { timeout: 60_000 }, () => {
  const runbooks = mkdtempSync(join(tmpdir(), 'pageturner-runbooks-'));
  let alertmanager: AlertmanagerServer;
  let world: World;

  beforeAll(async () => {
    alertmanager = await startAlertmanager({ webhookUrl: 'http://127.0.0.1:1', bearerToken: 'unused' });
    for (const [name, url] of [
      ['shop', alertmanager.url],
      ['depot', 'http://127.0.0.1:1'],
    ] as const) {
      mkdirSync(join(runbooks, name), { recursive: true });
      writeFileSync(join(runbooks, name, 'system.yaml'), system(url));
    }
    writeFileSync(join(runbooks, 'org.yaml'), ORG);
    world = await startWorld({
      DATABASE_URL: (await testDatabase()).url,
      RUNBOOKS_DIR: runbooks,
    });
  });
  afterAll(async () => {
    await world.stop();
    await alertmanager.stop();
    rmSync(runbooks, { recursive: true, force: true });
  });

  const command = async (who: { readonly id: string }, line: string, answer: string): Promise<string> => {
    const before = lastTs(world.workspace);
    await world.workspace.as(who.id).command(line);
    return (await toldAlone(world.workspace, who.id, answer, before)).text;
  };
  const live = async () =>
    (await listSilences(alertmanager.url, bounds())).filter(({ state }) => state !== 'expired');

  it('are refused to everybody without a role, and set nothing then', async () => {
    for (const who of [developer, guest])
      await command(who, '/ops silence shop redis 1h it flaps', 'not authorised');
    await command(onCall, '/ops silence shop 25h it flaps', 'is not a duration from 1m to 24h');
    expect(await live()).toEqual([]);
  });

  it('are set for the service and as long as was said, told to the channel, listed, audited and ended', async () => {
    const begun = Date.now();
    await command(
      onCall,
      '/ops silence shop redis 2h a new *disk* <!channel>',
      'shop / redis is silenced until',
    );
    const [set, ...more] = await live();
    expect(more).toEqual([]);
    expect(set?.matchers.map(({ label, op, value }) => `${label}${op}${value}`).sort()).toEqual([
      'service=redis',
      'system=shop',
    ]);
    expect(Math.abs((set?.endsAt.getTime() ?? 0) - begun - 2 * 3_600_000)).toBeLessThan(60_000);
    expect(set?.createdBy).toContain(onCall.id);
    const shown = await rootWith(world.workspace, 'Silence of shop / redis', `set as ${set?.id}`, onCall.id);
    expect(shown.text).not.toContain('<!channel>');
    await command(developer, '/ops silence list', set?.id ?? '?');

    await command(developer, `/ops silence end ${set?.id}`, 'not authorised');
    await command(duty, '/ops silence end 00000000', 'No one silence has that id');
    await command(duty, `/ops silence end ${set?.id.slice(0, 8)}`, 'has ended');
    expect(await live()).toEqual([]);
    await rootWith(world.workspace, 'A silence has ended', 'ended by hand', duty.id);
    const audit = await command(lead, '/ops audit', 'silence.ended');
    for (const kind of ['silence.asked', 'silence.set', 'silence.ending']) expect(audit).toContain(kind);
  });

  it('of somebody else are listed and can be ended, those of a maintenance only with it', async () => {
    const id = await createSilence(
      alertmanager.url,
      {
        matchers: [{ label: 'alertname', op: '=~', value: 'Disk.*' }],
        startsAt: new Date(),
        endsAt: new Date(Date.now() + 3_600_000),
        createdBy: 'amtool',
        comment: 'from a terminal',
      },
      bounds(),
    );
    const listed = await command(developer, '/ops silence list', 'from a terminal');
    expect(listed).toContain('alertname=~"Disk.*"');
    expect(listed).toContain('Alertmanager of depot');
    expect(listed).toContain('could not be asked');
    await command(lead, `/ops silence end ${id}`, 'has ended');

    await command(lead, '/ops maintenance start shop for 10m an upgrade', 'has begun');
    const [kept] = await waitFor('its silence', 15_000, async () => {
      const found = await live();
      return found.length === 0 ? null : found;
    });
    await command(lead, `/ops silence end ${kept?.id}`, 'It belongs to MAINT-1');
    await command(lead, '/ops maintenance end', 'has ended');
  });

  it('of an incident are those of its system and service, with its name as the reason', async () => {
    await sendAlerts(world, [{ labels: { alertname: 'Flaps', system: 'shop', service: 'redis' } }], 'flaps');
    const id = /INC-\d+/u.exec((await rootWith(world.workspace, 'Flaps')).text)?.[0] ?? '?';
    const before = (await live()).length;
    await command(onCall, `/ops silence ${id} 1h`, 'shop / redis is silenced until');
    const all = await live();
    expect(all).toHaveLength(before + 1);
    expect(all.find(({ comment }) => comment.startsWith(id))?.matchers).toHaveLength(2);
    await command(onCall, '/ops silence INC-9999 1h', 'unknown request');
  });

  it('that could not be set are told so, with where to look', async () => {
    await command(lead, '/ops silence depot 1h moving house', 'not known to be set');
    await rootWith(world.workspace, 'Silence of depot', 'not known to be set');
    expect(roots(world.workspace).filter(({ text }) => text.includes('Silence of depot'))).toHaveLength(1);
  });
});
