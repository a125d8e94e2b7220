import { request } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CHANNELS, PEOPLE } from '../../src/local/workspace/people.ts';
import { sign } from '../../src/local/workspace/requests.ts';
import { testDatabase } from '../servers/postgres.ts';
import { waitFor } from '../servers/program.ts';
import { SIGNING_SECRET, startWorld, type World } from './bot.ts';
import { replyWith, roots, rootWith, thread, toldAlone } from './slack-thread.ts';
import { sendAlerts } from './webhook.ts';

/** Slack shows people an error after three seconds. */
const SLACKS_PATIENCE_MS = 3000;

describe('Slack as it is', () => {
  let world: World;
  let n = 0;
  beforeAll(async () => {
    world = await startWorld({
      DATABASE_URL: (await testDatabase()).url,
      MOALOG_REDIS_URL: 'redis://127.0.0.1:1',
    });
  });
  afterEach(() => {
    world.workspace.faults.clear();
    world.workspace.archived.clear();
    world.workspace.readOnly.clear();
    world.workspace.left.clear();
  });
  afterAll(() => world.stop());

  async function alert(status: 'firing' | 'resolved' = 'firing', name = `Real${++n}x`): Promise<string> {
    await sendAlerts(
      world,
      [{ labels: { alertname: name, system: 'moalog', severity: 'warning' }, status }],
      name,
    );
    return name;
  }
  const rootsOf = (name: string) => roots(world.workspace).filter((message) => message.text.includes(name));
  const metric = async (name: string): Promise<number> => {
    const answer = await request(`${world.bot.url}/metrics`);
    const line = (await answer.body.text()).split('\n').find((text) => text.startsWith(`${name} `));
    return Number(line?.split(' ')[1]);
  };

  it('a reply whose root is gone is deleted from the channel, and the thread posted again, once', async () => {
    const { store } = world.workspace;
    const name = await alert();
    const root = await rootWith(world.workspace, name);
    await replyWith(world.workspace, root.ts, 'No runbook matches');
    for (const reply of thread(world.workspace, root.ts)) store.remove(reply);
    store.remove(root);
    // A re-run of nothing: the closing message is a new reply, and its root isn't there.
    await alert('resolved', name);
    const again = await rootWith(world.workspace, `*${name}*`, '*resolved*');
    await replyWith(world.workspace, again.ts, 'Timeline');
    await waitFor('nothing of the thread to be in the channel', 15_000, () =>
      roots(world.workspace).every(
        (message) => message.ts === again.ts || !message.text.includes('Timeline'),
      ),
    );
    expect(rootsOf(name)).toHaveLength(1);
  });

  it('a deleted root whose replies live on: they are deleted too, so that no button is there twice', async () => {
    const name = await alert();
    const root = await rootWith(world.workspace, name);
    await replyWith(world.workspace, root.ts, 'No runbook matches');
    const before = thread(world.workspace, root.ts).length;
    expect(before).toBeGreaterThan(0);
    world.workspace.store.remove(root);
    await alert('resolved', name);
    const again = await rootWith(world.workspace, `*${name}*`, '*resolved*');
    await replyWith(world.workspace, again.ts, 'No runbook matches');
    await waitFor('the old replies to be gone', 20_000, () => thread(world.workspace, root.ts).length === 0);
    expect(rootsOf(name)).toHaveLength(1);
  });

  it.each(['message_limit_exceeded', 'team_added_to_org', 'ekm_access_denied', 'a_name_nobody_has_seen'])(
    'a refusal that can pass (%s) is retried, and told on /readyz meanwhile',
    async (error) => {
      world.workspace.faults.next('chat.postMessage', { kind: 'error', error }, 2);
      const name = await alert();
      await waitFor('the report', 10_000, async () => {
        const answer = await request(`${world.bot.url}/readyz`);
        return (await answer.body.text()).includes(error);
      });
      await rootWith(world.workspace, name);
      expect(rootsOf(name)).toHaveLength(1);
    },
  );

  it.each(['invalid_blocks', 'msg_blocks_too_long', 'msg_too_long'])(
    'content that Slack refuses (%s) is said shorter and plainer at once, with its buttons',
    async (error) => {
      world.workspace.faults.next('chat.postMessage', { kind: 'error', error }, 1);
      const name = await alert();
      const root = await rootWith(world.workspace, name, 'firing');
      expect(JSON.stringify(root.blocks)).toContain('Acknowledge');
    },
  );

  it('a limit on updates holds up no post', async () => {
    const first = await alert();
    const root = await rootWith(world.workspace, first);
    await replyWith(world.workspace, root.ts, 'No runbook matches');
    world.workspace.faults.next('chat.update', { kind: 'limited', retryAfterSeconds: 10 });
    await world.workspace.as(PEOPLE.onCall.id).click(root.ts, 'Acknowledge');
    await waitFor('the limit', 10_000, () =>
      world.workspace.store.calls.some(
        (call) => call.method === 'chat.update' && call.answer === 'ratelimited',
      ),
    );
    const name = await alert();
    const begun = performance.now();
    await rootWith(world.workspace, name);
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect((await rootWith(world.workspace, first)).text).toContain('firing');
    await rootWith(world.workspace, first, 'acknowledged');
  });

  it.each([
    ['a direct message', 'D0DIRECT1', () => undefined, 'direct message'],
    ['a private channel without the bot', 'C0PRIVATE', () => undefined, '/invite @Pageturner'],
    [
      'an archived channel',
      CHANNELS.random.id,
      () => void world.workspace.archived.add(CHANNELS.random.id),
      'archived',
    ],
    [
      'a read-only channel',
      CHANNELS.random.id,
      () => void world.workspace.readOnly.add(CHANNELS.random.id),
      'not allowed to post',
    ],
  ])(
    '/ops health in %s: the person is told what to do, and nothing is tried for ever',
    async (_, channel, close, said) => {
      close();
      const person = world.workspace.as(PEOPLE.onCall.id);
      await person.command('/ops health moalog', channel);
      await toldAlone(world.workspace, PEOPLE.onCall.id, said);
      await waitFor(
        'nothing to be left',
        15_000,
        async () => (await metric('pageturner_unprojected_seconds')) === 0,
      );
      const told = () =>
        world.workspace.store.calls.filter(
          (call) => call.method === 'response_url' && String(call.args.text).includes(said),
        );
      expect(told().filter((call) => call.args.channel === channel)).toHaveLength(1);
    },
  );

  it('a refusal of a click in a thread is shown in that thread', async () => {
    const name = await alert();
    const root = await rootWith(world.workspace, name);
    await world.workspace.as(PEOPLE.guest.id).click(root.ts, 'Acknowledge');
    const told = await toldAlone(world.workspace, PEOPLE.guest.id, 'not authorised', root.ts);
    expect(told.threadTs).toBe(root.ts);
  });

  it('entities and links in what people type are shown as typed', async () => {
    await world.workspace
      .as(PEOPLE.onCall.id)
      .command(
        '/ops incident open moalog redis 5 &lt; 7 &amp; see <https://wiki.example/x?a=1&amp;b=2|wiki.example/x>',
      );
    const root = await rootWith(world.workspace, 'see wiki.example/x');
    expect(root.text).toContain('5 &lt; 7 &amp; see');
    expect(root.text).not.toContain('&amp;lt;');
  });

  it('a guest’s flood gets five answers and one that it is too many; a decision is never too many', async () => {
    const { store } = world.workspace;
    const told = (person: string) =>
      store.calls.filter(({ method, args }) => method === 'response_url' && args.user === person);
    const before = told(PEOPLE.guest.id).length;
    const healthPosts = () =>
      store.calls.filter(({ args }) => JSON.stringify(args.metadata ?? '').includes('health/')).length;
    const healthBefore = healthPosts();
    const guest = world.workspace.as(PEOPLE.guest.id);
    for (let sent = 0; sent < 300; sent += 10)
      await Promise.all(Array.from({ length: 10 }, () => guest.command('/ops health')));
    const name = await alert();
    await rootWith(world.workspace, name);
    await toldAlone(world.workspace, PEOPLE.guest.id, 'too many');
    expect(told(PEOPLE.guest.id).length - before).toBe(6);
    expect(healthPosts()).toBe(healthBefore);
    const developer = world.workspace.as(PEOPLE.developer.id);
    for (let i = 0; i < 61; i += 1) await developer.command('/ops approve STEP-9999');
    expect(told(PEOPLE.developer.id).filter(({ args }) => String(args.text).includes('too many'))).toEqual(
      [],
    );
  });

  const form = 'application/x-www-form-urlencoded';
  const json = 'application/json';
  const event = (of: object) => JSON.stringify({ type: 'event_callback', team_id: 'T0LOCAL01', event: of });
  const payload = (of: unknown) => `payload=${encodeURIComponent(JSON.stringify(of))}`;
  const team = { id: 'T0LOCAL01', domain: 'local' };
  const user = { id: PEOPLE.onCall.id, name: 'omar', team_id: 'T0LOCAL01' };
  it.each<readonly [string, string, string]>([
    ['payload=null', form, 'payload=null'],
    ['a payload that is a list', form, payload([])],
    ['a payload that is a number', form, payload(7)],
    ['a payload without anything', form, payload({})],
    ['null as JSON', json, 'null'],
    [
      'app_rate_limited',
      json,
      JSON.stringify({ type: 'app_rate_limited', team_id: 'T0LOCAL01', minute_rate_limited: 1 }),
    ],
    [
      'function_executed',
      json,
      event({ type: 'function_executed', function: {}, function_execution_id: 'Fx1' }),
    ],
    ['an event of a kind nobody listens to', json, event({ type: 'channel_rename', channel: { id: 'C1' } })],
    ['an event that is null', json, JSON.stringify({ type: 'event_callback', event: null })],
    [
      'a global shortcut',
      form,
      payload({ type: 'shortcut', callback_id: 'x', trigger_id: '1.1', team, user }),
    ],
    [
      'a message shortcut',
      form,
      payload({
        type: 'message_action',
        callback_id: 'x',
        trigger_id: '1.1',
        team,
        user,
        channel: { id: 'C1' },
        message: { ts: '1.1' },
      }),
    ],
    [
      'block_suggestion',
      form,
      payload({ type: 'block_suggestion', action_id: 'x', block_id: 'b', value: 'v', team, user }),
    ],
    [
      'a submission of a view nobody opened',
      form,
      payload({
        type: 'view_submission',
        team,
        user,
        view: { callback_id: 'x', private_metadata: '', state: { values: {} } },
      }),
    ],
    ['a closed view', form, payload({ type: 'view_closed', team, user, view: { callback_id: 'x' } })],
    [
      'a click on nothing known',
      form,
      payload({
        type: 'block_actions',
        team,
        user,
        channel: { id: 'C1' },
        actions: [{ type: 'button', action_id: 'x', value: 'y', action_ts: '1.1' }],
      }),
    ],
    [
      'a command of another name',
      form,
      new URLSearchParams({
        command: '/other',
        text: 'help',
        team_id: 'T0LOCAL01',
        user_id: PEOPLE.onCall.id,
        channel_id: 'C1',
      }).toString(),
    ],
  ])('a signed %s is answered in time, and the bot lives on', async (_, type, body) => {
    const timestamp = Math.floor(Date.now() / 1000);
    const begun = performance.now();
    const answer = await request(`${world.bot.url}/slack/events`, {
      method: 'POST',
      headers: {
        'content-type': type,
        'x-slack-request-timestamp': String(timestamp),
        'x-slack-signature': sign(SIGNING_SECRET, timestamp, body),
      },
      body,
    });
    await answer.body.dump();
    // Bolt's own answer to what nobody takes comes only after its time-out.
    expect(performance.now() - begun).toBeLessThan(SLACKS_PATIENCE_MS);
    expect([200, 400, 500]).toContain(answer.statusCode);
    const { statusCode, body: ready } = await request(`${world.bot.url}/readyz`);
    await ready.dump();
    expect(statusCode).toBe(200);
  });
});
