/** Slack's Web API, as far as the bot uses it, as strict as Slack: anything else is `unknown_method`. */
import { LIMITS } from '../../slack/limits.ts';
import { checkBlocks, checkView } from './check-blocks.ts';
import { BOT, channels, everyone, LEAD_GROUP, TEAM } from './people.ts';
import { type Json, type Message, newId, type Store } from './store.ts';
import type { Triggers } from './triggers.ts';

export type Answer =
  | { readonly ok: true; readonly [field: string]: unknown }
  | { readonly ok: false; readonly error: string; readonly messages?: readonly string[] };
export interface ApiDeps {
  readonly store: Store;
  readonly triggers: Triggers;
  readonly baseUrl: () => string;
  readonly archived: ReadonlySet<string>;
}
type Method = (deps: ApiDeps, args: Json) => Answer;

const no = (error: string, messages?: readonly string[]): Answer => ({
  ok: false,
  error,
  ...(messages === undefined ? {} : { messages }),
});
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** By id, or as chat.postMessage allows, by name. */
function channelId(value: unknown): string | null {
  const name = text(value).replace(/^#/u, '');
  return channels.find((channel) => channel.id === value || channel.name === name)?.id ?? null;
}

/** What the message says, or why Slack would refuse it. */
function readContent(
  args: Json,
):
  | { readonly text: string; readonly blocks: readonly Json[] | null; readonly metadata: Json | null }
  | Answer {
  const blocks = (args.blocks ?? null) as readonly Json[] | null;
  const said = text(args.text);
  if (said === '' && (blocks === null || blocks.length === 0)) return no('no_text');
  if (said.length > LIMITS.messageText) return no('msg_too_long');
  const problems = blocks === null ? [] : checkBlocks(blocks, 'message');
  if (problems.length > 0) return no('invalid_blocks', problems);
  const metadata = (args.metadata ?? null) as Json | null;
  if (metadata !== null) {
    const good =
      typeof metadata.event_type === 'string' &&
      typeof metadata.event_payload === 'object' &&
      metadata.event_payload !== null;
    if (!good) return no('invalid_metadata_format');
    if (JSON.stringify(metadata).length > LIMITS.metadataBytes) return no('metadata_too_large');
  }
  return { text: said, blocks, metadata };
}

function shown(message: Message, withMetadata: boolean): Json {
  const isBot = message.user === BOT.id;
  return {
    type: 'message',
    user: message.user,
    ts: message.ts,
    text: message.text,
    team: TEAM.id,
    ...(message.blocks === null ? {} : { blocks: message.blocks }),
    ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
    ...(isBot ? { bot_id: BOT.botId, app_id: BOT.appId } : {}),
    ...(message.edits > 0 ? { edited: { user: message.user, ts: message.ts } } : {}),
    ...(withMetadata && message.metadata !== null ? { metadata: message.metadata } : {}),
  };
}

/** Refuses a thread that isn't there. */
function readThread(store: Store, channel: string, value: unknown): string | null | Answer {
  if (value === undefined || value === null || value === '') return null;
  if (!/^\d+\.\d+$/u.test(text(value))) return no('invalid_thread_ts');
  const root = store.find(channel, text(value));
  return root === null ? no('thread_not_found') : (root.threadTs ?? root.ts);
}

const postMessage: Method = ({ store, archived }, args) => {
  const channel = channelId(args.channel);
  if (channel === null) return no('channel_not_found');
  if (archived.has(channel)) return no('is_archived');
  const content = readContent(args);
  if ('ok' in content) return content;
  const threadTs = readThread(store, channel, args.thread_ts);
  if (threadTs !== null && typeof threadTs === 'object') return threadTs;
  const message = store.add({ channel, threadTs, user: BOT.id, visibleTo: null, ...content });
  return { ok: true, channel, ts: message.ts, message: shown(message, true) };
};

const postEphemeral: Method = ({ store }, args) => {
  const channel = channelId(args.channel);
  if (channel === null) return no('channel_not_found');
  if (!everyone.some((person) => person.id === args.user)) return no('user_not_in_channel');
  const content = readContent(args);
  if ('ok' in content) return content;
  const threadTs = readThread(store, channel, args.thread_ts);
  if (threadTs !== null && typeof threadTs === 'object') return threadTs;
  const message = store.add({ channel, threadTs, user: BOT.id, visibleTo: text(args.user), ...content });
  return { ok: true, message_ts: message.ts };
};

const update: Method = ({ store, archived }, args) => {
  const channel = channelId(args.channel);
  if (channel === null) return no('channel_not_found');
  if (archived.has(channel)) return no('is_archived');
  const message = store.find(channel, text(args.ts));
  if (message === null) return no('message_not_found');
  if (message.user !== BOT.id || message.visibleTo !== null) return no('cant_update_message');
  const content = readContent(args);
  if ('ok' in content) return content;
  const edited = store.edit(message, content.text, content.blocks, content.metadata);
  return { ok: true, channel, ts: edited.ts, text: edited.text, message: shown(edited, true) };
};

const remove: Method = ({ store }, args) => {
  const channel = channelId(args.channel);
  const message = channel === null ? null : store.find(channel, text(args.ts));
  if (channel === null) return no('channel_not_found');
  if (message === null) return no('message_not_found');
  store.remove(message);
  return { ok: true, channel, ts: message.ts };
};

const isTrue = (value: unknown): boolean => value === true || value === 'true' || value === '1';

function page(messages: readonly Message[], args: Json): Answer {
  const limit = Math.min(Number(args.limit ?? 100), 999);
  const from = Number(text(args.cursor) || 0);
  const oldest = Number(args.oldest ?? 0);
  const fresh = messages.filter((message) => Number(message.ts) >= oldest);
  const slice = fresh.slice(from, from + limit);
  const more = from + limit < fresh.length;
  return {
    ok: true,
    messages: slice.map((message) => shown(message, isTrue(args.include_all_metadata))),
    has_more: more,
    response_metadata: { next_cursor: more ? String(from + limit) : '' },
  };
}

const history: Method = ({ store }, args) => {
  const channel = channelId(args.channel);
  if (channel === null) return no('channel_not_found');
  const roots = store
    .messages()
    .filter((m) => m.channel === channel && m.threadTs === null && m.visibleTo === null);
  return page([...roots].reverse(), args);
};

const replies: Method = ({ store }, args) => {
  const channel = channelId(args.channel);
  if (channel === null) return no('channel_not_found');
  const root = store.find(channel, text(args.ts));
  if (root === null) return no('thread_not_found');
  const thread = root.threadTs ?? root.ts;
  return page(
    store
      .messages()
      .filter(
        (m) => m.channel === channel && m.visibleTo === null && (m.ts === thread || m.threadTs === thread),
      ),
    args,
  );
};

function shownChannel(channel: (typeof channels)[number]): Json {
  return {
    id: channel.id,
    name: channel.name,
    is_channel: true,
    is_archived: false,
    is_member: true,
    is_private: false,
    topic: { value: channel.topic },
  };
}

const conversationInfo: Method = (_, args) => {
  const found = channels.find((channel) => channel.id === args.channel);
  return found === undefined ? no('channel_not_found') : { ok: true, channel: shownChannel(found) };
};

function shownUser(id: string): Json | null {
  if (id === BOT.id)
    return { id, name: 'pageturner', real_name: BOT.name, is_bot: true, deleted: false, team_id: TEAM.id };
  const person = everyone.find((candidate) => candidate.id === id);
  if (person === undefined) return null;
  return {
    id,
    name: person.name.toLowerCase(),
    real_name: person.name,
    team_id: TEAM.id,
    deleted: false,
    is_bot: false,
    is_restricted: person.guest,
    is_ultra_restricted: false,
  };
}

const userInfo: Method = (_, args) => {
  const user = shownUser(text(args.user));
  return user === null ? no('user_not_found') : { ok: true, user };
};

const openView: Method = ({ store, triggers }, args) => {
  const taken = triggers.take(text(args.trigger_id));
  if ('error' in taken) return no(taken.error);
  const problems = checkView(args.view);
  if (problems.length > 0) return no('invalid_arguments', problems);
  const view: Json = { ...(args.view as Json), id: newId('V') };
  store.views.set(text(view.id), { id: text(view.id), user: taken.user, view });
  store.changed();
  return { ok: true, view };
};

const publishHome: Method = ({ store }, args) => {
  const problems = checkView(args.view);
  if (problems.length > 0) return no('invalid_arguments', problems);
  store.homes.set(text(args.user_id), args.view as Json);
  return { ok: true, view: args.view };
};

const uploadUrl: Method = ({ store, baseUrl }, args) => {
  if (text(args.filename) === '' || !(Number(args.length) > 0)) return no('invalid_arguments');
  const id = newId('F');
  store.files.set(id, { name: text(args.filename), body: Buffer.alloc(0) });
  return { ok: true, file_id: id, upload_url: `${baseUrl()}/slack-workspace/upload/${id}` };
};

const completeUpload: Method = ({ store }, args) => {
  const files = (Array.isArray(args.files) ? args.files : []) as readonly { id?: string; title?: string }[];
  if (files.some((file) => !store.files.has(file.id ?? ''))) return no('file_not_found');
  return { ok: true, files: files.map((file) => ({ id: file.id, title: file.title ?? '' })) };
};

export const METHODS: Readonly<Record<string, Method>> = {
  'api.test': () => ({ ok: true }),
  'auth.test': ({ baseUrl }) => ({
    ok: true,
    url: `${baseUrl()}/`,
    team: TEAM.name,
    user: 'pageturner',
    team_id: TEAM.id,
    user_id: BOT.id,
    bot_id: BOT.botId,
    is_enterprise_install: false,
  }),
  'chat.postMessage': postMessage,
  'chat.postEphemeral': postEphemeral,
  'chat.update': update,
  'chat.delete': remove,
  'conversations.list': () => ({
    ok: true,
    channels: channels.map(shownChannel),
    response_metadata: { next_cursor: '' },
  }),
  'conversations.info': conversationInfo,
  'conversations.history': history,
  'conversations.replies': replies,
  'conversations.members': () => ({
    ok: true,
    members: [...everyone.map((person) => person.id), BOT.id],
    response_metadata: { next_cursor: '' },
  }),
  'users.info': userInfo,
  'usergroups.users.list': (_, args) =>
    args.usergroup === LEAD_GROUP.id ? { ok: true, users: LEAD_GROUP.users } : no('no_such_subteam'),
  'views.open': openView,
  'views.publish': publishHome,
  'files.getUploadURLExternal': uploadUrl,
  'files.completeUploadExternal': completeUpload,
};
