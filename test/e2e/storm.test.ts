import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import { testDatabase } from '../servers/postgres.ts';
import { waitFor } from '../servers/program.ts';
import { startWorld, type World } from './bot.ts';
import { replyWith, roots, rootWith, thread, toldAlone } from './slack-thread.ts';
import { postRaw, sendAlerts, webhookBody } from './webhook.ts';

const GROUPS = 600;
const CRITICAL_EVERY = 200;
const CONNECTIONS = 16;
const STORM_MS = 60_000;
const name = (i: number) => `Flood${String(i).padStart(4, '0')}x`;
const isCritical = (i: number) => i % CRITICAL_EVERY === 7;
const labels = (i: number) => ({
  alertname: name(i),
  system: 'moalog',
  service: 'redis',
  severity: isCritical(i) ? 'critical' : 'warning',
});

describe('a storm', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({
      DATABASE_URL: (await testDatabase()).url,
      STORM_THRESHOLD: '10',
      // Longer than the restart below takes on a busy machine: it must be the same storm that goes on.
      STORM_CALM: '30s',
    });
  });
  afterAll(() => world.stop());

  const stormRoot = () => roots(world.workspace).find((message) => message.text.includes('Storm:'));
  const named = (): readonly string[] => {
    const root = stormRoot();
    return root === undefined
      ? []
      : thread(world.workspace, root.ts).flatMap((m) => m.text.match(/Flood\d{4}x/gu) ?? []);
  };
  const ownRoots = (): readonly string[] =>
    roots(world.workspace).flatMap((m) => m.text.match(/Flood\d{4}x/gu) ?? []);

  it('names every incident once, gives the critical ones threads, goes on after a kill -9, keeps Slack’s pace, and ends by itself', {
    timeout: 8 * STORM_MS,
  }, async () => {
    let next = 0;
    const send = async (): Promise<void> => {
      for (let i = next++; i < GROUPS / 2; i = next++)
        await sendAlerts(world, [{ labels: labels(i) }], name(i));
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, send));
    await waitFor('the storm', STORM_MS, stormRoot);
    await world.restart('SIGKILL');
    next = GROUPS / 2;
    const rest = async (): Promise<void> => {
      for (let i = next++; i < GROUPS; i = next++) await sendAlerts(world, [{ labels: labels(i) }], name(i));
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, rest));

    await waitFor(
      'every incident to be named',
      STORM_MS,
      () => new Set([...named(), ...ownRoots()]).size === GROUPS,
    );
    expect(named().length + ownRoots().length).toBe(GROUPS);
    const critical = Array.from({ length: GROUPS }, (_, i) => i).filter(isCritical);
    expect(ownRoots()).toEqual(expect.arrayContaining(critical.map(name)));
    expect(ownRoots().length).toBeLessThan(60);
    const ended = await waitFor('its end', STORM_MS, () => {
      const root = stormRoot();
      return root?.text.includes('ended') ? root : null;
    });
    expect(ended.text).toContain(`Storm: ${named().length} alert groups since`);
    expect(roots(world.workspace).filter((m) => m.text.includes('Storm:'))).toHaveLength(1);
    const file = await waitFor('the whole list as a file', STORM_MS, () =>
      [...world.workspace.store.files.values()].find(
        ({ state, body }) =>
          state === 'complete' && body.toString('utf8').split('\n').length === named().length + 2,
      ),
    );
    expect(file.body.toString('utf8')).toContain(named()[0] ?? '?');

    const posts = world.workspace.store.calls.filter((call) => call.method === 'chat.postMessage');
    expect(posts.filter((call) => call.answer === 'ratelimited').length).toBeLessThanOrEqual(1);
  });

  it('shows there what is resolved, and opens a thread with its diagnosis for whoever asks', async () => {
    const root = await rootWith(world.workspace, 'Storm:');
    const page = await replyWith(world.workspace, root.ts, 'Page 1');
    const [first = '', second = '', third = ''] = page.text.match(/Flood\d{4}x/gu) ?? [];
    const alertOf = (alertname: string) => ({ labels: labels(Number(alertname.slice(5, 9))) });
    await sendAlerts(world, [{ ...alertOf(first), status: 'resolved' }], first);
    await waitFor('the mark', 15_000, () =>
      thread(world.workspace, root.ts).some((m) =>
        m.text.split('\n').some((line) => line.includes(first) && line.includes('resolved')),
      ),
    );
    expect(ownRoots()).not.toContain(first);

    const id = new RegExp(`(INC-\\d+) \\*${second}`, 'u').exec(page.text)?.[1] ?? '';
    await world.workspace.as(PEOPLE.guest.id).command(`/ops thread ${id}`);
    await toldAlone(world.workspace, PEOPLE.guest.id, 'not authorised');
    await world.workspace.as(PEOPLE.onCall.id).command(`/ops thread ${id}`);
    await toldAlone(world.workspace, PEOPLE.onCall.id, 'thread of its own');
    const opened = await rootWith(world.workspace, second, 'firing');
    await replyWith(world.workspace, opened.ts, 'No runbook matches');

    const now = await waitFor('the page to say so', 15_000, () =>
      thread(world.workspace, root.ts).find((m) => m.text.includes(second) && m.text.includes('own thread')),
    );
    const options = JSON.stringify(now.blocks);
    expect(options).not.toContain(`${id} ${second}`);
    const thirdToken =
      /"value":"([0-9a-f-]{36})"/u.exec(options.slice(options.indexOf(`${third}"`)))?.[1] ?? '';
    await world.workspace.as(PEOPLE.onCall.id).click(now.ts, 'storm.open', { selected: [thirdToken] });
    await rootWith(world.workspace, third, 'firing');
  });

  it('is over for what comes later: that has a thread again', async () => {
    await sendAlerts(world, [{ labels: { alertname: 'AfterTheStorm', system: 'moalog' } }], 'after');
    const root = await rootWith(world.workspace, 'AfterTheStorm');
    expect(root.threadTs).toBeNull();
    const metrics = await request(`${world.bot.url}/metrics`);
    expect(await metrics.body.text()).toMatch(/^pageturner_storm 0$/mu);
  });

  it('takes the same group again as a repeat, whether it has a thread or a line', async () => {
    const before = named().length + ownRoots().length;
    const [inStorm = ''] = named().slice(-1);
    const i = Number(inStorm.slice(5, 9));
    const again = await postRaw(world.bot.url, JSON.stringify(webhookBody([{ labels: labels(i) }], name(i))));
    expect(again.status).toBe(200);
    await sendAlerts(world, [{ labels: { alertname: 'Marker', system: 'moalog' } }], 'marker');
    await rootWith(world.workspace, 'Marker');
    expect(named().length + ownRoots().length).toBe(before);
  });
});
