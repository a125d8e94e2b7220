import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CHANNELS, PEOPLE } from '../../src/local/workspace/people.ts';
import { testDatabase } from '../servers/postgres.ts';
import { waitFor } from '../servers/program.ts';
import { startWorld, type World } from './bot.ts';
import { replyWith, roots, rootWith, thread } from './slack-thread.ts';
import { sendAlerts } from './webhook.ts';

const AWAY_MS = 5000;
/** Each by itself would be asked for every two seconds. */
const MANY = 18;

describe('a message is posted once, whatever Slack does', () => {
  let world: World;
  let n = 0;
  beforeAll(async () => {
    world = await startWorld({
      DATABASE_URL: (await testDatabase()).url,
      MOALOG_REDIS_URL: 'redis://127.0.0.1:1',
    });
  });
  afterEach(() => world.workspace.faults.clear());
  afterAll(() => world.stop());

  async function alert(): Promise<string> {
    n += 1;
    const alertname = `Fault${n}x`;
    await sendAlerts(world, [{ labels: { alertname, system: 'moalog', severity: 'warning' } }], alertname);
    return alertname;
  }
  const rootsOf = (name: string) => roots(world.workspace).filter((message) => message.text.includes(name));
  const calls = (method: string) => world.workspace.store.calls.filter((call) => call.method === method);

  it('when the answer to a post is lost: it is found by its metadata', async () => {
    world.workspace.faults.next('chat.postMessage', { kind: 'reset', after: true }, 2);
    const name = await alert();
    const root = await rootWith(world.workspace, name);
    await replyWith(world.workspace, root.ts, 'No runbook matches');
    expect(rootsOf(name)).toHaveLength(1);
    expect(thread(world.workspace, root.ts)).toHaveLength(1);
  });

  it('when the connection breaks before a post takes effect', async () => {
    world.workspace.faults.next('chat.postMessage', { kind: 'reset', after: false }, 2);
    const name = await alert();
    await rootWith(world.workspace, name);
    expect(rootsOf(name)).toHaveLength(1);
  });

  it('when Slack answers 503 for a while', async () => {
    world.workspace.faults.next('*', { kind: 'http', status: 503 }, 6);
    const name = await alert();
    const root = await rootWith(world.workspace, name);
    await replyWith(world.workspace, root.ts, 'No runbook matches');
    expect(rootsOf(name)).toHaveLength(1);
  });

  it('when Slack says to wait: it is obeyed', async () => {
    world.workspace.faults.next('chat.postMessage', { kind: 'limited', retryAfterSeconds: 2 });
    const before = calls('chat.postMessage').length;
    const name = await alert();
    await rootWith(world.workspace, name);
    const posts = calls('chat.postMessage').slice(before);
    expect(posts[0]?.answer).toBe('ratelimited');
    expect((posts[1]?.at ?? 0) - (posts[0]?.at ?? 0)).toBeGreaterThanOrEqual(1900);
    expect(rootsOf(name)).toHaveLength(1);
  });

  it('when the bot is killed right after Slack took it', async () => {
    world.workspace.faults.next('chat.postMessage', { kind: 'reset', after: true });
    const name = await alert();
    await rootWith(world.workspace, name);
    await world.restart('SIGKILL');
    const root = await rootWith(world.workspace, name);
    await replyWith(world.workspace, root.ts, 'No runbook matches');
    expect(rootsOf(name)).toHaveLength(1);
  });

  it('a deleted root message is posted again, with its thread', async () => {
    const name = await alert();
    const root = await rootWith(world.workspace, name);
    await replyWith(world.workspace, root.ts, 'No runbook matches');
    world.workspace.store.remove(root);
    await sendAlerts(
      world,
      [{ labels: { alertname: name, system: 'moalog', severity: 'warning' }, status: 'resolved' }],
      name,
    );
    const again = await rootWith(world.workspace, name, 'resolved');
    expect(again.ts).not.toBe(root.ts);
    await replyWith(world.workspace, again.ts, 'Timeline');
  });

  it('an archived channel is told on /readyz, and the messages come once it is open again', async () => {
    world.workspace.archived.add(CHANNELS.ops.id);
    const name = await alert();
    await waitFor('the report', 10_000, async () => {
      const answer = await request(`${world.bot.url}/readyz`);
      return (await answer.body.text()).includes('is_archived');
    });
    world.workspace.archived.clear();
    await rootWith(world.workspace, name);
    expect(rootsOf(name)).toHaveLength(1);
  });

  it.each(['channel_not_found', 'not_in_channel', 'invalid_auth', 'token_revoked', 'missing_scope'])(
    'Slack says %s: /readyz tells it, and the message comes once Slack takes it again',
    async (error) => {
      world.workspace.faults.next('chat.postMessage', { kind: 'error', error }, 40);
      const name = await alert();
      await waitFor('the report', 10_000, async () => {
        const answer = await request(`${world.bot.url}/readyz`);
        return (await answer.body.text()).includes(error);
      });
      world.workspace.faults.clear();
      await rootWith(world.workspace, name);
      expect(rootsOf(name)).toHaveLength(1);
    },
  );

  it.each(['internal_error', 'fatal_error', 'service_unavailable'])(
    'Slack says %s, which may or may not be so: it is posted once',
    async (error) => {
      world.workspace.faults.next('chat.postMessage', { kind: 'error', error }, 2);
      const name = await alert();
      await rootWith(world.workspace, name);
      expect(rootsOf(name)).toHaveLength(1);
    },
  );

  it('Slack says message_not_found of a message that is there: it is found again, and says what it should', async () => {
    const name = await alert();
    const root = await rootWith(world.workspace, name);
    await replyWith(world.workspace, root.ts, 'No runbook matches');
    world.workspace.faults.next('chat.update', { kind: 'error', error: 'message_not_found' });
    await world.workspace.as(PEOPLE.onCall.id).click(root.ts, 'Acknowledge');
    await rootWith(world.workspace, name, 'acknowledged');
    expect(rootsOf(name)).toHaveLength(1);
  });

  it('Slack takes longer than ten seconds to answer: it is found, and not posted again', {
    timeout: 60_000,
  }, async () => {
    world.workspace.faults.next('chat.postMessage', { kind: 'delay', ms: 11_000 });
    const name = await alert();
    await waitFor('the message', 30_000, () => rootsOf(name).length > 0);
    const root = await rootWith(world.workspace, name);
    await replyWith(world.workspace, root.ts, 'No runbook matches');
    await waitFor('one of them to be left', 40_000, () => rootsOf(name).length === 1);
  });

  it('answers a click also when Slack can’t say who that is: nothing counts then', async () => {
    const name = await alert();
    const root = await rootWith(world.workspace, name);
    world.workspace.faults.next('users.info', { kind: 'http', status: 503 }, 1);
    await world.workspace.as(PEOPLE.duty.id).click(root.ts, 'Acknowledge');
    await waitFor('the refusal', 10_000, () =>
      world.workspace.store
        .messages()
        .find((m) => m.visibleTo === PEOPLE.duty.id && m.text.includes('not authorised')),
    );
    expect((await rootWith(world.workspace, name)).text).toContain('firing');
  });

  it('when Slack is away with many messages waiting: it is asked now and then, and gets each once', async () => {
    await rootWith(world.workspace, await alert());
    world.workspace.faults.next('*', { kind: 'http', status: 503 }, Number.POSITIVE_INFINITY);
    const { store } = world.workspace;
    const names = await Promise.all(Array.from({ length: MANY }, alert));
    await sleep(AWAY_MS);
    const before = store.calls.length;
    await sleep(AWAY_MS);
    const asked = store.calls.length - before;
    world.workspace.faults.clear();
    for (const name of names) await rootWith(world.workspace, name);
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThan(MANY);
    for (const name of names) expect(rootsOf(name)).toHaveLength(1);
  });
});
