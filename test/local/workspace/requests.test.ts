import { setTimeout as sleep } from 'node:timers/promises';
import { verifySlackRequest } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BOT, PEOPLE, TEAM } from '../../../src/local/workspace/people.ts';
import { type OpenServer, openServer, ops, plain, SECRET } from './open-server.ts';

const buttons = [
  {
    type: 'actions',
    block_id: 'decide',
    elements: [
      { type: 'button', action_id: 'approve', text: plain(3), value: 'opaque', style: 'primary' },
      {
        type: 'checkboxes',
        action_id: 'boxes',
        options: ['a', 'b'].map((value) => ({ text: { type: 'plain_text', text: value }, value })),
      },
    ],
  },
];
const modal = {
  type: 'modal',
  callback_id: 'deny',
  title: plain(4),
  submit: plain(4),
  blocks: [
    {
      type: 'input',
      block_id: 'reason',
      label: { type: 'plain_text', text: 'Why?' },
      element: { type: 'plain_text_input', action_id: 'text' },
    },
  ],
};

describe('what the workspace sends to the bot', () => {
  let server: OpenServer;
  let answer: { body?: string; afterMs?: number };
  beforeEach(async () => {
    answer = {};
    server = await openServer({}, () => answer);
  });
  afterEach(() => server.stop());
  const tara = () => server.workspace.as(PEOPLE.lead.id);
  const respond = (url: unknown, body: object) =>
    fetch(String(url), { method: 'POST', body: JSON.stringify(body) }).then((r) => r.status);
  async function posted(): Promise<string> {
    const { ts = '' } = await server.slack.chat.postMessage({ channel: ops, text: 'step', blocks: buttons });
    return ts;
  }
  async function opened(): Promise<string> {
    await tara().command('/ops deny');
    const trigger_id = server.told.at(-1)?.form.get('trigger_id') ?? '';
    await server.slack.apiCall('views.open', { trigger_id, view: modal });
    return [...server.workspace.store.views.keys()].at(-1) ?? '';
  }

  it('is signed so that Bolt’s own check passes', async () => {
    await tara().command('/ops health moalog');
    const [told] = server.told;
    const headers = {
      'x-slack-signature': String(told?.headers['x-slack-signature']),
      'x-slack-request-timestamp': Number(told?.headers['x-slack-request-timestamp']),
    };
    verifySlackRequest({ signingSecret: SECRET, body: told?.body ?? '', headers });
    expect(() => verifySlackRequest({ signingSecret: 'other', body: told?.body ?? '', headers })).toThrow();
  });

  it('is a slash command’s form', async () => {
    await tara().command('/ops health moalog');
    expect(Object.fromEntries(server.told[0]?.form ?? [])).toMatchObject({
      command: '/ops',
      text: 'health moalog',
      team_id: TEAM.id,
      channel_id: ops,
      channel_name: 'ops-shared',
      user_id: PEOPLE.lead.id,
      user_name: 'tara',
      api_app_id: BOT.appId,
    });
  });

  it('is a click’s payload, with the whole message', async () => {
    const ts = await posted();
    await tara().click(ts, 'approve');
    expect(server.told[0]?.payload).toMatchObject({
      type: 'block_actions',
      team: { id: TEAM.id, domain: TEAM.domain },
      user: { id: PEOPLE.lead.id, username: 'tara', team_id: TEAM.id },
      container: { type: 'message', message_ts: ts, channel_id: ops, is_ephemeral: false },
      channel: { id: ops, name: 'ops-shared' },
      message: { ts, text: 'step', blocks: [{ block_id: 'decide' }] },
      actions: [{ action_id: 'approve', block_id: 'decide', type: 'button', value: 'opaque' }],
    });
  });

  it('says which boxes are ticked', async () => {
    await tara().click(await posted(), 'boxes', { selected: ['b'] });
    const chosen = { type: 'checkboxes', selected_options: [{ value: 'b' }] };
    expect(server.told[0]?.payload).toMatchObject({
      actions: [chosen],
      state: { values: { decide: { boxes: chosen } } },
    });
  });

  it('shows an acknowledgement’s text to that person alone', async () => {
    answer = { body: 'unknown command' };
    await tara().command('/ops hepl');
    expect(server.workspace.store.messages().at(-1)).toMatchObject({
      visibleTo: PEOPLE.lead.id,
      text: 'unknown command',
    });
  });

  it('is given up after three seconds without an answer', async () => {
    answer = { afterMs: 3500 };
    await expect(tara().command('/ops slow')).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('lets a dialog be opened once, within three seconds', async () => {
    await tara().command('/ops deny');
    const trigger_id = server.told[0]?.form.get('trigger_id') ?? '';
    const open = () => server.call('views.open', { trigger_id, view: modal });
    expect(await open()).toBe('ok');
    expect(await open()).toBe('exchanged_trigger_id');
    await tara().command('/ops deny');
    const late = server.told[1]?.form.get('trigger_id') ?? '';
    // The rule itself is three seconds of waiting: there is no condition to wait for instead.
    await sleep(3050);
    expect(await server.call('views.open', { trigger_id: late, view: modal })).toBe('expired_trigger_id');
  });

  it('is a dialog’s content, and the dialog closes', async () => {
    const id = await opened();
    await tara().submit(id, { reason: { text: 'too risky' } });
    expect(server.told.at(-1)?.payload).toMatchObject({
      type: 'view_submission',
      view: {
        id,
        callback_id: 'deny',
        state: { values: { reason: { text: { type: 'plain_text_input', value: 'too risky' } } } },
      },
    });
    expect(server.workspace.store.views.size).toBe(0);
  });

  it('keeps the dialog when the bot answers with errors, and when it is not filled in', async () => {
    const id = await opened();
    await expect(tara().submit(id, {})).rejects.toThrow('“Why?” must be filled in');
    answer = { body: JSON.stringify({ response_action: 'errors', errors: { reason: 'too short' } }) };
    await tara().submit(id, { reason: { text: 'x' } });
    expect(server.workspace.store.views.size).toBe(1);
  });

  it('has a response URL for five answers', async () => {
    const ts = await posted();
    await tara().click(ts, 'approve');
    const url = server.told[0]?.payload.response_url;
    expect(await respond(url, { text: 'alone' })).toBe(200);
    expect(server.workspace.store.messages().at(-1)).toMatchObject({
      visibleTo: PEOPLE.lead.id,
      text: 'alone',
    });
    expect(await respond(url, { text: 'to all', response_type: 'in_channel' })).toBe(200);
    expect(server.workspace.store.messages().at(-1)).toMatchObject({ visibleTo: null, text: 'to all' });
    expect(await respond(url, { text: 'instead', replace_original: true })).toBe(200);
    expect(server.workspace.store.find(ops, ts)?.text).toBe('instead');
    expect(await respond(url, { text: 't', blocks: [{ type: 'marquee' }] })).toBe(400);
    expect(await respond(url, { delete_original: true })).toBe(200);
    expect(server.workspace.store.find(ops, ts)).toBeNull();
    expect(await respond(url, { text: 'a sixth' })).toBe(404);
  });
});
