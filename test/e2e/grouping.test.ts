/** Alerts as other people's Alertmanagers group them: every alert is named, whatever came with it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHANNELS, PEOPLE } from '../../src/local/workspace/people.ts';
import { startAlertmanager } from '../servers/alertmanager.ts';
import { testDatabase } from '../servers/postgres.ts';
import { waitFor } from '../servers/program.ts';
import { type RedisServer, startRedis } from '../servers/redis.ts';
import { startWorld, WEBHOOK_TOKEN, type World } from './bot.ts';
import { buttonLabels, lastTs, replyWith, roots, rootWith, thread, toldAlone } from './slack-thread.ts';
import { postRaw, sendAlerts, webhookBody } from './webhook.ts';

const system = (title: string, url: string): string => `version: 1
title: ${title}
services:
  web:
    url: ${url}
    probe: { probe: http, path: / }
  redis:
    url: redis://127.0.0.1:1
    probe: { probe: redis.ping }
calls:
  purge: { says: Empties the cache, service: web, method: POST, path: /purge, danger: disruptive }
`;
const RUNBOOK = `version: 1
title: The web is down
triggers:
  - alertname="WebDown", service="web"
diagnose:
  - health: { probe: http, service: web, path: / }
recover:
  - purge:
      title: Purge its cache
      steps:
        - { action: http.call, service: web, call: purge }
`;
const ALERTS = `version: 1
targets:
  - { match: ['job="web-exporter"'], system: shop, service: web }
routes:
  - { match: ['system="pay"', 'severity="critical"'], channel: "#${CHANNELS.random.name}" }
  - { match: ['alertname="InfoInhibitor"'], ignore: true }
severities: { critical: [critical, sev1] }
`;

describe('alerts in groups of any kind', () => {
  const runbooks = mkdtempSync(join(tmpdir(), 'pageturner-grouping-'));
  const { lead, onCall, developer } = PEOPLE;
  let web: Server;
  let purged = 0;
  let queue: RedisServer;
  let world: World;

  beforeAll(async () => {
    web = createServer((req, res) => {
      if (req.method === 'POST') purged += 1;
      res.end('ok');
    });
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
    const files = {
      'alerts.yaml': ALERTS,
      'org.yaml': `version: 1\nroles: { tech-lead: ${lead.id}, on-call: ${onCall.id} }\n`,
      'shop/system.yaml': system('Shop', url),
      'shop/web-down.yaml': RUNBOOK,
      'pay/system.yaml': system('Pay', url),
      'pay/web-down.yaml': RUNBOOK,
    };
    for (const folder of ['shop', 'pay']) mkdirSync(join(runbooks, folder));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(runbooks, name), text);
    const [database, started] = await Promise.all([testDatabase(), startRedis()]);
    queue = started;
    world = await startWorld({
      DATABASE_URL: database.url,
      REDIS_URL: queue.url,
      RUNBOOKS_DIR: runbooks,
      STORM_THRESHOLD: '5000',
      STORM_THRESHOLD_UNKNOWN: '5000',
    });
  });
  afterAll(async () => {
    await world.stop();
    await queue.stop();
    web.close();
    rmSync(runbooks, { recursive: true, force: true });
  });

  const rootsOf = (name: string) => roots(world.workspace).filter(({ text }) => text.includes(`*${name}*`));
  const alert = (alertname: string, labels: Readonly<Record<string, string>> = {}) => ({
    labels: { alertname, severity: 'warning', system: 'shop', service: 'web', ...labels },
  });

  it.each([
    ['none', []],
    ['by namespace', ['namespace']],
    ['by alert and target', ['alertname', 'system', 'service']],
  ])('has a thread for each alert and target when Alertmanager groups: %s', async (tag, groupBy) => {
    const alertmanager = await startAlertmanager({
      webhookUrl: `${world.bot.url}/alertmanager`,
      bearerToken: WEBHOOK_TOKEN,
      groupBy,
    });
    const name = (one: string) => `${one}${tag.replaceAll(' ', '')}`;
    try {
      await alertmanager.post([
        { labels: { alertname: 'Watchdog', severity: 'none', namespace: 'a' } },
        alert(name('Slow'), { namespace: 'a' }),
        alert(name('Slow'), { namespace: 'a', system: 'pay' }),
        alert(name('Down'), { namespace: 'a', service: 'redis', severity: 'critical' }),
        alert(name('Down'), { namespace: 'b', service: 'redis', severity: 'critical', instance: 'two' }),
        alert(name('Unknown'), { namespace: 'b', system: '', service: '' }),
      ]);
      const slow = await waitFor('both to be slow', 15_000, () =>
        rootsOf(name('Slow')).length === 2 ? rootsOf(name('Slow')) : null,
      );
      expect(slow.map(({ text }) => /· (\w+) \/ web/u.exec(text)?.[1]).sort()).toEqual(['pay', 'shop']);
      const down = await rootWith(world.workspace, name('Down'), 'critical');
      await rootWith(world.workspace, name('Unknown'), 'no system');
      // Where a namespace is a group's, it is an incident's too: groups are never merged.
      expect(rootsOf(name('Down'))).toHaveLength(tag === 'by namespace' ? 2 : 1);
      await replyWith(world.workspace, down.ts, 'At the same time', name('Slow'));
      expect(rootsOf('Watchdog')).toHaveLength(0);
    } finally {
      await alertmanager.stop();
    }
  });

  it('counts the Watchdog as a heartbeat in a body of others', async () => {
    const { body } = await request(`${world.bot.url}/metrics`);
    expect(await body.text()).toMatch(/^pageturner_watchdog_seconds \d/mu);
  });

  it('shows the worst severity, and says it in a new message that calls people', async () => {
    await sendAlerts(world, [alert('DiskFull', { instance: 'a' })], 'disk');
    const root = await rootWith(world.workspace, 'DiskFull', 'warning');
    await sendAlerts(
      world,
      [alert('DiskFull', { instance: 'a' }), alert('DiskFull', { instance: 'b', severity: 'Sev1' })],
      'disk',
    );
    const rise = await replyWith(world.workspace, root.ts, 'Severity rose', 'warning → Sev1');
    expect(rise.text).toContain(`<@${onCall.id}>`);
    expect((await rootWith(world.workspace, 'DiskFull', 'Sev1', '2 alerts')).ts).toBe(root.ts);
    await replyWith(world.workspace, root.ts, 'instance=a', 'instance=b', 'severity=Sev1');
    await sendAlerts(world, [alert('DiskFull', { instance: 'c' })], 'disk');
    await rootWith(world.workspace, 'DiskFull', 'Sev1', '3 alerts');
    expect(
      thread(world.workspace, root.ts).filter(({ text }) => text.includes('Severity rose')),
    ).toHaveLength(1);
  });

  it('opens a thread in the channel that a route names, and takes decisions there', async () => {
    const { workspace } = world;
    await sendAlerts(world, [alert('WebDown', { system: 'pay', severity: 'SEV1' })]);
    const root = await rootWith(workspace, 'WebDown', 'pay / web');
    expect(root.channel).toBe(CHANNELS.random.id);
    const reply = await replyWith(workspace, root.ts, 'The web is down');
    await workspace.as(developer.id).click(reply.ts, 'Purge its cache', { channel: CHANNELS.random.id });
    const step = await waitFor('a request', 15_000, () =>
      thread(workspace, root.ts).find((message) => buttonLabels(message).includes('Approve')),
    );
    expect(step.channel).toBe(CHANNELS.random.id);
    await workspace.as(onCall.id).click(step.ts, 'Approve', { channel: CHANNELS.random.id });
    await waitFor('the purge', 15_000, () => purged === 1);
    const before = lastTs(workspace);
    await workspace.as(onCall.id).command('/ops approve STEP-99999', CHANNELS.random.id);
    await toldAlone(workspace, onCall.id, 'unknown request', before);
  });

  it('offers nothing that changes anything for a target that was guessed, and says how to map it', async () => {
    await sendAlerts(world, [{ labels: { alertname: 'WebDown', service: 'web', namespace: 'other-team' } }]);
    const root = await waitFor('its thread', 15_000, () =>
      roots(world.workspace).find(({ text }) => text.includes('WebDown') && text.includes('guess')),
    );
    const reply = await replyWith(world.workspace, root.ts, 'is a guess', 'alerts.yaml');
    expect(buttonLabels(reply)).toEqual([]);
  });

  it('takes what an alert is about from alerts.yaml, with all that belongs to it', async () => {
    await sendAlerts(world, [
      { labels: { alertname: 'WebDown', job: 'web-exporter', service: 'web-exporter' } },
    ]);
    const root = await rootWith(world.workspace, 'WebDown', 'shop / web');
    const reply = await replyWith(world.workspace, root.ts, 'The web is down');
    expect(buttonLabels(reply)).toContain('Purge its cache');
  });

  it('keeps out what a route ignores, and counts it', async () => {
    const { workspace } = world;
    await sendAlerts(world, [alert('InfoInhibitor'), alert('BesideIt')], 'mixed');
    await rootWith(workspace, 'BesideIt');
    const before = lastTs(workspace);
    await workspace.as(onCall.id).command('/ops incidents');
    await toldAlone(workspace, onCall.id, 'InfoInhibitor', before);
    expect(rootsOf('InfoInhibitor')).toHaveLength(0);
  });

  it('shows what a rule says: its text, its links, each label', async () => {
    await sendAlerts(world, [
      {
        labels: { alertname: 'KubePodCrashLooping', namespace: 'other', pod: 'api-1', severity: 'warning' },
        annotations: {
          summary: 'Pod is crash looping.',
          description: 'Pod other/api-1 is in waiting state (reason: "CrashLoopBackOff").',
          runbook_url: 'https://runbooks.example/kubepodcrashlooping',
          dashboard_url: 'https://grafana.example/d/abc',
        },
        generatorURL: 'http://prometheus.example/graph?g0.expr=up',
      },
    ]);
    const root = await rootWith(world.workspace, 'KubePodCrashLooping', 'Pod is crash looping');
    await replyWith(
      world.workspace,
      root.ts,
      'CrashLoopBackOff',
      '<https://runbooks.example/kubepodcrashlooping|',
      '<https://grafana.example/d/abc|',
      'pod: api-1',
      'namespace="other"',
    );
  });

  it('says so when an alert flaps, in one thread', async () => {
    const flap = alert('Flaps');
    for (let i = 0; i < 6; i += 1) {
      await sendAlerts(world, [flap]);
      await sendAlerts(world, [{ ...flap, status: 'resolved' }]);
    }
    await rootWith(world.workspace, 'Flaps', 'flapping: came back 5 times');
    expect(rootsOf('Flaps')).toHaveLength(1);
  });

  it('repairs what can’t be kept as it came, says so, and harms no neighbour', async () => {
    const base = webhookBody([alert('Poison')], 'poison') as { alerts: object[] };
    const bodies = [
      { ...base, groupKey: 'k'.repeat(8192) },
      { ...base, truncatedAlerts: 2 ** 40 },
      { ...base, alerts: [{ ...base.alerts[0], startsAt: '+275760-09-13T00:00:00Z' }] },
      {
        ...base,
        alerts: [{ ...base.alerts[0], labels: { ...alert('Poison').labels, note: 'half \ud83d' } }],
      },
      { ...base, alerts: [{ ...base.alerts[0], labels: { ...alert('Poison').labels, nul: 'a\u0000b' } }] },
    ].map((body, i) =>
      JSON.stringify({ ...body, groupKey: `${'groupKey' in body ? body.groupKey : ''}${i}` }),
    );
    const neighbours = ['One', 'Two'].map((one) => JSON.stringify(webhookBody([alert(`Neighbour${one}`)])));
    const answers = await Promise.all([...bodies, ...neighbours].map((body) => postRaw(world.bot.url, body)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    await rootWith(world.workspace, 'NeighbourOne');
    await rootWith(world.workspace, 'NeighbourTwo');
    const root = await rootWith(world.workspace, 'Poison');
    await replyWith(world.workspace, root.ts, 'Repaired');
  });
});
