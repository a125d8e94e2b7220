import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifySlackRequest } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorkspaceServer } from '../../../src/local/workspace/index.ts';
import { CHANNELS, LEAD_GROUP, PEOPLE } from '../../../src/local/workspace/people.ts';
import { LIMITS } from '../../../src/slack/limits.ts';

type Server = Awaited<ReturnType<typeof startWorkspaceServer>>;
const TOKEN = 'xoxb-test';
const SECRET = 'signing-secret';
const text = (length: number, type = 'plain_text') => ({ type, text: 'x'.repeat(length) });
const button = (changes: object = {}) => ({
  type: 'button',
  action_id: 'a',
  text: text(3),
  value: 'v',
  ...changes,
});
const actions = (...elements: object[]) => ({ type: 'actions', elements });

describe('the local workspace, as strict as Slack', () => {
  let server: Server;
  let slack: WebClient;
  const channel = CHANNELS.ops.id;
  const open = (extra: object = {}) =>
    startWorkspaceServer({
      file: null,
      signingSecret: SECRET,
      botToken: TOKEN,
      eventsUrl: () => 'http://127.0.0.1:1/',
      log: () => undefined,
      pace: null,
      ...extra,
    });
  const client = (of: Server, token = TOKEN) =>
    new WebClient(token, {
      slackApiUrl: of.apiUrl,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
    });
  beforeAll(async () => {
    server = await open();
    slack = client(server);
  });
  afterAll(() => server.stop());
  const error = (call: Promise<unknown>): Promise<string> =>
    call.then(
      () => 'ok',
      (e: { data?: { error: string }; message: string }) => e.data?.error ?? e.message,
    );
  const post = (blocks: object[]) => error(slack.apiCall('chat.postMessage', { channel, text: 't', blocks }));

  it.each([
    ['section text', (n: number) => [{ type: 'section', text: text(n, 'mrkdwn') }], LIMITS.sectionText],
    ['header text', (n: number) => [{ type: 'header', text: text(n) }], LIMITS.headerText],
    ['blocks', (n: number) => Array.from({ length: n }, () => ({ type: 'divider' })), LIMITS.messageBlocks],
    [
      'section fields',
      (n: number) => [{ type: 'section', fields: Array.from({ length: n }, () => text(1)) }],
      LIMITS.sectionFields,
    ],
    ['field text', (n: number) => [{ type: 'section', fields: [text(n)] }], LIMITS.fieldText],
    [
      'context elements',
      (n: number) => [{ type: 'context', elements: Array.from({ length: n }, () => text(1)) }],
      LIMITS.contextElements,
    ],
    [
      'actions elements',
      (n: number) => [actions(...Array.from({ length: n }, (_, i) => button({ action_id: `a${i}` })))],
      LIMITS.actionsElements,
    ],
    ['button text', (n: number) => [actions(button({ text: text(n) }))], LIMITS.buttonText],
    ['button value', (n: number) => [actions(button({ value: 'x'.repeat(n) }))], LIMITS.buttonValue],
    ['action id', (n: number) => [actions(button({ action_id: 'x'.repeat(n) }))], LIMITS.actionId],
    ['block id', (n: number) => [{ type: 'divider', block_id: 'x'.repeat(n) }], LIMITS.blockId],
  ])('takes %s at the limit and refuses one more', async (_, make, limit) => {
    expect(await post(make(limit))).toBe('ok');
    expect(await post(make(limit + 1))).toBe('invalid_blocks');
  });

  it('answers each wrong call as Slack does', async () => {
    const call = (method: string, args: object) => error(slack.apiCall(method, { ...args }));
    expect(await call('chat.postMessage', { channel: 'C0NOTHERE', text: 't' })).toBe('channel_not_found');
    expect(await call('chat.postMessage', { channel })).toBe('no_text');
    expect(await call('chat.update', { channel, ts: '1.000001', text: 't' })).toBe('message_not_found');
    expect(await call('chat.obliterate', {})).toBe('unknown_method');
    expect(await call('users.info', { user: 'U0NOBODY1' })).toBe('user_not_found');
    expect(await call('views.open', { trigger_id: '1.1', view: {} })).toBe('invalid_trigger_id');
    expect(await error(client(server, 'xoxb-wrong').auth.test())).toBe('invalid_auth');
  });

  it('gives a message’s metadata only when asked', async () => {
    const posted = await slack.chat.postMessage({
      channel,
      text: 'with a key',
      metadata: { event_type: 'pageturner_message', event_payload: { key: 'k' } },
    });
    const without = await slack.conversations.history({ channel, limit: 1 });
    const withIt = await slack.conversations.history({ channel, limit: 1, include_all_metadata: true });
    expect(without.messages?.[0]).toMatchObject({ ts: posted.ts });
    expect(without.messages?.[0]?.metadata).toBeUndefined();
    expect(withIt.messages?.[0]?.metadata?.event_payload).toEqual({ key: 'k' });
  });

  it('knows people, groups and channels', async () => {
    expect((await slack.users.info({ user: PEOPLE.guest.id })).user).toMatchObject({ is_restricted: true });
    expect((await slack.usergroups.users.list({ usergroup: LEAD_GROUP.id })).users).toEqual([PEOPLE.lead.id]);
    expect((await slack.conversations.list({})).channels?.map((c) => c.name)).toContain('ops-shared');
  });

  it('asks for a second’s pause after a burst of 25 in a channel', async () => {
    const paced = await open({ pace: { perSecond: 1, burst: 25 } });
    const bot = client(paced);
    const answers = await Promise.all(
      Array.from({ length: 27 }, () => error(bot.chat.postMessage({ channel, text: 't' }))),
    );
    expect(answers.filter((answer) => answer === 'ok')).toHaveLength(25);
    expect(await error(bot.chat.postMessage({ channel: CHANNELS.random.id, text: 't' }))).toBe('ok');
    await paced.stop();
  });

  it('signs what it sends so that Bolt’s own check passes, and lets a dialog be opened within three seconds, once', async () => {
    const got: { body: string; signature: string; timestamp: number }[] = [];
    const bot = createServer((req, res) => {
      let body = '';
      req.on('data', (part) => {
        body += part;
      });
      req.on('end', () => {
        got.push({
          body,
          signature: String(req.headers['x-slack-signature']),
          timestamp: Number(req.headers['x-slack-request-timestamp']),
        });
        res.end();
      });
    });
    await new Promise<void>((resolve) => bot.listen(0, '127.0.0.1', resolve));
    const own = await open({
      eventsUrl: () => `http://127.0.0.1:${(bot.address() as AddressInfo).port}/slack/events`,
    });
    await own.workspace.as(PEOPLE.lead.id).command('/ops health moalog');
    const [request] = got;
    expect(request).toBeDefined();
    verifySlackRequest({
      signingSecret: SECRET,
      body: request?.body ?? '',
      headers: {
        'x-slack-signature': request?.signature ?? '',
        'x-slack-request-timestamp': request?.timestamp ?? 0,
      },
    });
    const form = new URLSearchParams(request?.body);
    expect(form.get('text')).toBe('health moalog');
    const view = {
      type: 'modal',
      title: text(5),
      submit: text(4),
      blocks: [{ type: 'input', label: text(3), element: { type: 'plain_text_input', action_id: 'x' } }],
    };
    const trigger_id = form.get('trigger_id') ?? '';
    const bolt = client(own);
    expect(await error(bolt.apiCall('views.open', { trigger_id, view }))).toBe('ok');
    expect(await error(bolt.apiCall('views.open', { trigger_id, view }))).toBe('exchanged_trigger_id');
    await own.stop();
    bot.close();
  });

  it('keeps its messages over a restart', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'pageturner-ws-')), 'workspace.jsonl');
    const first = await open({ file });
    const posted = await client(first).chat.postMessage({ channel, text: 'before' });
    await client(first).chat.update({ channel, ts: posted.ts ?? '', text: 'after' });
    await first.stop();
    const second = await open({ file });
    expect(second.workspace.store.messages().map((m) => m.text)).toEqual(['after']);
    await second.stop();
  });
});
