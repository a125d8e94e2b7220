import { mkdtempSync, rmSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BOT, CHANNELS, LEAD_GROUP, PEOPLE, TEAM } from '../../../src/local/workspace/people.ts';
import { client, type OpenServer, openServer, ops, outcome } from './open-server.ts';

const random = CHANNELS.random.id;

describe('the Web API, through Slack’s own client', () => {
  let server: OpenServer;
  beforeAll(async () => {
    server = await openServer();
  });
  afterAll(() => server.stop());

  it('says who the bot is, and refuses another token', async () => {
    expect(await server.slack.auth.test()).toMatchObject({
      user_id: BOT.id,
      bot_id: BOT.botId,
      team_id: TEAM.id,
    });
    expect((await server.slack.api.test()).ok).toBe(true);
    expect(await outcome(client(server.apiUrl, 'xoxb-other').auth.test())).toBe('invalid_auth');
    expect(await outcome(client(server.apiUrl, '').api.test({ error: 'asked_for' }))).not.toBe('ok');
    expect(await server.call('constructor', {})).toBe('unknown_method');
  });

  it('posts, replies, changes and deletes, and keeps every version', async () => {
    const { slack, workspace } = server;
    const root = await slack.chat.postMessage({ channel: '#ops-shared', text: 'root' });
    const ts = root.ts ?? '';
    const reply = await slack.chat.postMessage({ channel: ops, thread_ts: ts, text: 'reply' });
    expect(root.message).toMatchObject({ bot_id: BOT.botId, app_id: BOT.appId, team: TEAM.id, text: 'root' });
    expect(ts).toMatch(/^\d{10}\.\d{6}$/u);
    expect(Number(reply.ts)).toBeGreaterThan(Number(ts));
    await slack.chat.update({ channel: ops, ts, text: 'root, changed' });
    expect(workspace.store.history(ops, ts).map((version) => version.text)).toEqual([
      'root',
      'root, changed',
    ]);
    const thread = await slack.conversations.replies({ channel: ops, ts });
    expect(thread.messages?.map((m) => m.text)).toEqual(['root, changed', 'reply']);
    expect(thread.messages?.[0]).toMatchObject({ reply_count: 1, edited: { user: BOT.id } });
    await slack.chat.delete({ channel: ops, ts: reply.ts ?? '' });
    expect((await slack.conversations.replies({ channel: ops, ts })).messages).toHaveLength(1);
    await slack.reactions.add({ channel: ops, timestamp: ts, name: 'eyes' });
    expect(await server.call('reactions.add', { channel: ops, timestamp: ts, name: 'eyes' })).toBe(
      'already_reacted',
    );
  });

  it('keeps the blocks that an update leaves out, and names each block', async () => {
    const { slack } = server;
    const blocks = [{ type: 'divider' }];
    const { ts = '', message } = await slack.chat.postMessage({ channel: ops, text: 'a', blocks });
    expect(message?.blocks?.[0]?.block_id).toMatch(/\S/u);
    await slack.chat.update({ channel: ops, ts, text: 'b' });
    expect(server.workspace.store.find(ops, ts)?.blocks).toHaveLength(1);
    await slack.chat.update({ channel: ops, ts, text: 'c', blocks: [] });
    expect(server.workspace.store.find(ops, ts)?.blocks).toEqual([]);
  });

  it('refuses as Slack does', async () => {
    const { call, workspace } = server;
    const { ts = '' } = await server.slack.chat.postMessage({ channel: ops, text: 'mine' });
    workspace.as(PEOPLE.developer.id).say(ops, null, 'yours');
    const theirs = workspace.store.messages().at(-1)?.ts;
    const metadata = { event_type: 't', event_payload: 'no object' };
    const table: readonly [string, object, string][] = [
      ['chat.postMessage', { channel: 'C0NOTHERE', text: 't' }, 'channel_not_found'],
      ['chat.postMessage', { channel: ops, blocks: [] }, 'no_text'],
      ['chat.postMessage', { channel: ops, text: 't', thread_ts: 'x' }, 'invalid_thread_ts'],
      ['chat.postMessage', { channel: ops, text: 't', metadata }, 'invalid_metadata_format'],
      ['chat.update', { channel: '#ops-shared', ts, text: 't' }, 'channel_not_found'],
      ['chat.update', { channel: ops, ts: '1.000001', text: 't' }, 'message_not_found'],
      ['chat.update', { channel: ops, ts: theirs, text: 't' }, 'cant_update_message'],
      ['chat.delete', { channel: ops, ts: theirs }, 'cant_delete_message'],
      ['chat.postEphemeral', { channel: ops, user: 'U0NOBODY1', text: 't' }, 'user_not_in_channel'],
      ['conversations.replies', { channel: ops, ts: '1.000001' }, 'thread_not_found'],
      ['conversations.history', { channel: ops, cursor: 'nonsense' }, 'invalid_cursor'],
      ['conversations.history', { channel: ops, limit: 1000 }, 'invalid_limit'],
      ['conversations.info', { channel: 'C0NOTHERE' }, 'channel_not_found'],
      ['users.info', { user: 'U0NOBODY1' }, 'user_not_found'],
      ['usergroups.users.list', { usergroup: 'S0NOTHERE' }, 'no_such_subteam'],
      ['views.update', { view_id: 'V0', view: {} }, 'not_found'],
      ['files.completeUploadExternal', { files: [{ id: 'F0' }] }, 'file_not_found'],
      ['chat.obliterate', {}, 'unknown_method'],
    ];
    for (const [method, args, error] of table)
      expect([method, await call(method, args)]).toEqual([method, error]);
  });

  it('takes a reply to a root that is gone: it lands in the channel; a deleted root keeps its thread while replies live', async () => {
    const { slack, workspace } = server;
    const gone = await slack.chat.postMessage({ channel: ops, text: 'in no thread', thread_ts: '1.000001' });
    expect(gone.message?.thread_ts).toBeUndefined();
    const { ts = '' } = await slack.chat.postMessage({ channel: ops, text: 'root' });
    const reply = await slack.chat.postMessage({ channel: ops, text: 'reply', thread_ts: ts });
    await slack.chat.delete({ channel: ops, ts });
    const second = await slack.chat.postMessage({ channel: ops, text: 'second', thread_ts: ts });
    expect(second.message?.thread_ts).toBe(ts);
    const { messages = [] } = await slack.conversations.replies({ channel: ops, ts });
    expect(messages.map((message) => message.text)).toEqual(['This message was deleted.', 'reply', 'second']);
    for (const message of [reply, second]) await slack.chat.delete({ channel: ops, ts: message.ts ?? '' });
    const last = await slack.chat.postMessage({ channel: ops, text: 'third', thread_ts: ts });
    expect(last.message?.thread_ts).toBeUndefined();
    expect(workspace.store.find(ops, last.ts ?? '')?.threadTs).toBeNull();
  });

  it('keeps the bot out of archived channels and of those it is not in, until it joins', async () => {
    const { call, workspace } = server;
    const post = () => call('chat.postMessage', { channel: random, text: 't' });
    workspace.archived.add(random);
    expect(await post()).toBe('is_archived');
    workspace.archived.clear();
    workspace.left.add(random);
    expect(await post()).toBe('not_in_channel');
    expect(await call('conversations.history', { channel: random })).toBe('not_in_channel');
    await server.slack.conversations.join({ channel: random });
    expect(await post()).toBe('ok');
  });

  it('gives history newest first, page by page, whatever is posted in between', async () => {
    const { slack } = server;
    for (const text of ['1', '2', '3', '4', '5']) await slack.chat.postMessage({ channel: random, text });
    const texts: (string | undefined)[] = [];
    let cursor = '';
    do {
      const page = await slack.conversations.history({
        channel: random,
        limit: 2,
        ...(cursor ? { cursor } : {}),
      });
      texts.push(...(page.messages ?? []).map((m) => m.text));
      cursor = page.response_metadata?.next_cursor ?? '';
      await slack.chat.postMessage({ channel: random, text: 'later' });
    } while (cursor !== '' && texts.length < 5);
    expect(texts.slice(0, 5)).toEqual(['5', '4', '3', '2', '1']);
  });

  it('gives metadata only to those who ask for it, in threads too', async () => {
    const { slack } = server;
    const metadata = { event_type: 'k', event_payload: { key: 'v' } };
    const { ts = '' } = await slack.chat.postMessage({ channel: ops, text: 't', metadata });
    const plain = await slack.conversations.replies({ channel: ops, ts });
    const asked = await slack.conversations.replies({ channel: ops, ts, include_all_metadata: true });
    expect(plain.messages?.[0]).not.toHaveProperty('metadata');
    expect(asked.messages?.[0]).toMatchObject({ metadata });
  });

  it('knows people, groups and channels', async () => {
    const { slack } = server;
    expect((await slack.users.info({ user: PEOPLE.guest.id })).user).toMatchObject({ is_restricted: true });
    expect((await slack.users.list({})).members).toHaveLength(6);
    expect((await slack.usergroups.list({ include_users: true })).usergroups?.[0]?.users).toEqual(
      LEAD_GROUP.users,
    );
    const first = await slack.conversations.list({ limit: 1 });
    const cursor = first.response_metadata?.next_cursor ?? '';
    const second = await slack.conversations.list({ limit: 1, cursor });
    expect([first, second].map((page) => page.channels?.[0]?.name)).toEqual(['ops-shared', 'random']);
    expect((await slack.conversations.info({ channel: ops })).channel).toMatchObject({ is_member: true });
    expect((await slack.conversations.members({ channel: ops })).members).toContain(BOT.id);
  });

  it('takes a file, shares it, and shows it as a picture', async () => {
    const { slack, workspace } = server;
    const root = await slack.chat.postMessage({ channel: ops, text: 'see the file' });
    await slack.filesUploadV2({
      channel_id: ops,
      thread_ts: root.ts ?? '',
      filename: 'output.log',
      file: Buffer.from('the whole output'),
      title: 'Output',
    });
    const shared = workspace.store.messages().at(-1);
    expect(shared).toMatchObject({ threadTs: root.ts, blocks: null, metadata: null });
    const [file] = workspace.store.files.values();
    expect(file).toMatchObject({ name: 'output.log', title: 'Output', state: 'complete' });
    expect(file?.body.toString()).toBe('the whole output');
    const show = (id: string | undefined) => {
      const image = { type: 'image', slack_file: { id }, alt_text: 'a picture' };
      return server.call('chat.postMessage', { channel: ops, text: 'p', blocks: [image] });
    };
    expect(await show(file?.id)).toBe('invalid_blocks');
    workspace.slowFiles.ms = 60_000;
    await slack.filesUploadV2({ filename: 'slow.png', file: Buffer.from('a picture') });
    workspace.slowFiles.ms = 0;
    await slack.filesUploadV2({ filename: 'picture.png', file: Buffer.from('a picture') });
    const [, slow, picture] = workspace.store.files.values();
    expect(await show(slow?.id)).toBe('invalid_blocks');
    expect(await show(picture?.id)).toBe('ok');
    const got = await fetch(`${server.url}/slack-workspace/file/${file?.id}`);
    expect([await got.text(), got.headers.get('content-security-policy')]).toEqual([
      'the whole output',
      "default-src 'none'; sandbox",
    ]);
  });

  it('publishes App Home for a person', async () => {
    const view = { type: 'home' as const, blocks: [{ type: 'divider' as const }] };
    await server.slack.views.publish({ user_id: PEOPLE.lead.id, view });
    expect(server.workspace.store.homes.get(PEOPLE.lead.id)).toMatchObject({ type: 'home' });
    expect(await server.call('views.publish', { user_id: 'U0', view })).toBe('user_not_found');
  });
});

describe('what survives a restart', () => {
  it('is every message and file, though the last line was cut off', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pageturner-ws-'));
    const file = join(folder, 'workspace.jsonl');
    const first = await openServer({ file });
    const { ts = '' } = await first.slack.chat.postMessage({ channel: ops, text: 'before' });
    await first.slack.chat.update({ channel: ops, ts, text: 'after' });
    await first.slack.filesUploadV2({ channel_id: ops, filename: 'a.txt', file: Buffer.from('kept') });
    await first.stop();
    await appendFile(file, '{"channel":"C0OPSSHRD","ts":"17');
    const second = await openServer({ file });
    await second.slack.chat.postMessage({ channel: ops, text: 'next' });
    await second.stop();
    const third = await openServer({ file });
    expect(third.workspace.store.messages().map((m) => m.text)).toEqual(['after', '', 'next']);
    expect([...third.workspace.store.files.values()].map((f) => f.body.toString())).toEqual(['kept']);
    expect(third.workspace.store.history(ops, ts)).toHaveLength(2);
    await third.stop();
    rmSync(folder, { recursive: true });
  });
});
