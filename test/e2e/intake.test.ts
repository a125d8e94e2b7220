import { request as httpRequest } from 'node:http';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import { sign } from '../../src/local/workspace/requests.ts';
import { testDatabase } from '../servers/postgres.ts';
import { waitFor } from '../servers/program.ts';
import { SIGNING_SECRET, startWorld, WEBHOOK_TOKEN, type World } from './bot.ts';
import { replyWith, roots, rootWith, thread, toldAlone } from './slack-thread.ts';
import { postRaw, sendAlerts, webhookBody } from './webhook.ts';

// With no REDIS_URL the queue is BullMQ's PostgreSQL backend, on the journal's database.
describe('what comes in', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ DATABASE_URL: (await testDatabase()).url });
  });
  afterAll(() => world.stop());
  const alert = (name: string, more: object = {}) => ({
    labels: { alertname: name, system: 'moalog', service: 'redis', severity: 'warning', ...more },
  });
  const rootsOf = (name: string) => roots(world.workspace).filter((message) => message.text.includes(name));

  it('opens one thread for five copies at once, its repeats, and the same alert in another group', async () => {
    const copies = Array.from({ length: 5 }, () => sendAlerts(world, [alert('Copies')]));
    await Promise.all(copies);
    await rootWith(world.workspace, 'Copies', 'firing');
    await sendAlerts(world, [alert('Copies')]);
    await sendAlerts(world, [alert('Copies')], 'regrouped');
    await sendAlerts(world, [alert('Copies'), alert('Copies', { instance: 'b' })], 'regrouped');
    await rootWith(world.workspace, 'Copies', '2 alerts');
    expect(rootsOf('Copies')).toHaveLength(1);
  });

  it('resolves in place, and reopens what fires again within ten minutes', async () => {
    await sendAlerts(world, [alert('Again')]);
    const root = await rootWith(world.workspace, 'Again', 'firing');
    await sendAlerts(world, [{ ...alert('Again'), status: 'resolved' }]);
    await rootWith(world.workspace, 'Again', 'resolved');
    await sendAlerts(world, [alert('Again')]);
    expect((await rootWith(world.workspace, 'Again', 'firing')).ts).toBe(root.ts);
    expect(rootsOf('Again')).toHaveLength(1);
  });

  it('takes an end that comes before its beginning: the thread is there, and resolved', async () => {
    await sendAlerts(world, [{ ...alert('Backwards'), status: 'resolved' }]);
    await sendAlerts(world, [alert('Backwards')]);
    await rootWith(world.workspace, 'Backwards', 'resolved');
  });

  it('gives an unknown alert a thread with what it says of itself', async () => {
    await sendAlerts(world, [
      { labels: { alertname: 'NobodyKnowsMe', team: 'x<!channel>*y*', severity: 'critical' } },
    ]);
    const root = await rootWith(world.workspace, 'NobodyKnowsMe', 'critical');
    const reply = await replyWith(world.workspace, root.ts, 'No runbook matches');
    expect(reply.text).not.toContain('<!channel>');
  });

  it('says 401 to wrong, empty and missing credentials', async () => {
    const body = JSON.stringify(webhookBody([alert('Nobody')]));
    for (const headers of [
      {},
      { authorization: '' },
      { authorization: 'Bearer ' },
      { authorization: 'Bearer wrong' },
      { authorization: 'Basic eDp5' },
    ]) {
      expect((await postRaw(world.bot.url, body, headers as Record<string, string>)).status).toBe(401);
    }
  });

  it('says 400 with the place to a body that can’t be read, keeps it and tells', async () => {
    const cut = await postRaw(world.bot.url, JSON.stringify(webhookBody([alert('Cut')])).slice(0, 60));
    expect(cut.status).toBe(400);
    expect(cut.text).toContain('position 60');
    const wrong = await postRaw(
      world.bot.url,
      JSON.stringify({ ...webhookBody([alert('Cut')]), version: '3' }),
    );
    expect(wrong).toMatchObject({ status: 400, text: expect.stringContaining('version') as string });
    await rootWith(world.workspace, 'could not be read', 'position 60');
  });

  it('says 413 to a body over 32 MiB, before it has come', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const asking = httpRequest(`${world.bot.url}/alertmanager`, {
        method: 'POST',
        headers: { authorization: `Bearer ${WEBHOOK_TOKEN}`, 'content-length': String(33 * 1024 * 1024) },
      });
      asking.once('response', (answer) => {
        resolve(answer.statusCode);
        asking.destroy();
      });
      asking.once('error', reject);
      asking.flushHeaders();
    });
    expect(status).toBe(413);
  });

  it('says 401 to a Slack request with a wrong signature or an old timestamp', async () => {
    const body = new URLSearchParams({
      command: '/ops',
      text: 'health moalog',
      user_id: PEOPLE.lead.id,
    }).toString();
    const now = Math.floor(Date.now() / 1000);
    const post = async (timestamp: number, signature: string) => {
      const answer = await request(`${world.bot.url}/slack/events`, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'x-slack-request-timestamp': String(timestamp),
          'x-slack-signature': signature,
        },
        body,
      });
      await answer.body.dump();
      return answer.statusCode;
    };
    expect(await post(now, sign('another secret', now, body))).toBe(401);
    expect(await post(now - 600, sign(SIGNING_SECRET, now - 600, body))).toBe(401);
  });

  it('answers whatever is typed, and suggests what was meant', async () => {
    const { workspace } = world;
    const sam = workspace.as(PEOPLE.developer.id);
    for (const [line, part] of [
      ['/ops helth moalog', '/ops health'],
      ['/ops health moalgo', 'moalog'],
      ['/ops health moalog reddis', 'redis'],
      ['/ops', 'What I can do'],
      ['/ops approve', 'STEP-12'],
      ['/ops approve STEP-99999', 'unknown request'],
      ['/ops runbooks moalog', 'moalog/redis-memory-pressure'],
      ['/ops runbook moalog/redis-memory-pressure', 'Flush the cache database'],
      ['/ops status', 'Open incidents'],
    ] as const) {
      const before = workspace.store.messages().at(-1)?.ts ?? '0';
      expect((await sam.command(line)).status).toBe(200);
      await toldAlone(workspace, PEOPLE.developer.id, part, before);
    }
  });

  it('lets people acknowledge, resolve and reopen by hand, and refuses a guest', async () => {
    const { workspace } = world;
    await sendAlerts(world, [alert('ByHand')]);
    const root = await rootWith(workspace, 'ByHand', 'firing');
    await workspace.as(PEOPLE.guest.id).click(root.ts, 'Acknowledge');
    await toldAlone(workspace, PEOPLE.guest.id, 'not authorised');
    await workspace.as(PEOPLE.onCall.id).click(root.ts, 'Acknowledge');
    await rootWith(workspace, 'ByHand', 'acknowledged', PEOPLE.onCall.id);
    await workspace.as(PEOPLE.onCall.id).click(root.ts, 'Resolve');
    await rootWith(workspace, 'ByHand', 'resolved');
    await workspace.as(PEOPLE.onCall.id).click(root.ts, 'Reopen');
    await rootWith(workspace, 'ByHand', 'firing');
    expect(thread(workspace, root.ts).filter((message) => message.text.includes('Timeline'))).toHaveLength(1);
  });

  it('has health, readiness and metrics for machines', async () => {
    const get = async (path: string) => {
      const answer = await request(`${world.bot.url}${path}`);
      return { status: answer.statusCode, text: await answer.body.text() };
    };
    expect(await get('/healthz')).toMatchObject({ status: 200 });
    expect(JSON.parse((await get('/readyz')).text)).toMatchObject({
      ready: true,
      journal: 'ok',
      queue: 'ok',
      slack: 'ok',
    });
    const metrics = await waitFor('metrics of the last chore’s first pass', 10_000, async () => {
      const { text } = await get('/metrics');
      return text.includes('chore="homes"') && text.includes('chore="retention"') ? text : null;
    });
    expect(metrics).toMatch(/^pageturner_unprojected_seconds /mu);
    expect(metrics).toMatch(/^pageturner_due_step_seconds /mu);
    expect(metrics).toMatch(/^pageturner_due_diagnoses \d/mu);
    for (const chore of ['timers', 'lost-executions', 'storms', 'retention', 'homes'])
      expect(metrics).toMatch(
        new RegExp(`^pageturner_chore_failures_total\\{chore="${chore}",why="late"\\} 0$`, 'mu'),
      );
    expect((await get('/')).status).toBe(404);
  });
});
