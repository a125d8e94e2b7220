/** conversations.*: channels, who is in them, and what has been said there. */
import { type Json, text } from '../json.ts';
import { BOT, type Channel, channels, everyone } from '../people.ts';
import type { Message, Store } from '../store.ts';
import { type Answer, type ApiDeps, decode, encode, isTrue, type Method, no, pageOf } from './method.ts';
import { shownMessage } from './show-message.ts';

const MOST = 999;
/** docs.slack.dev, conversations.list: "we recommend no more than 200 results at a time". */
const MOST_CHANNELS = 200;
const USUAL = 100;

function shownChannel(deps: ApiDeps, channel: Channel): Json {
  return {
    id: channel.id,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: true,
    is_group: false,
    is_im: false,
    is_private: false,
    is_archived: deps.archived.has(channel.id),
    is_member: !deps.left.has(channel.id),
    topic: { value: channel.topic, creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
    num_members: everyone.length + (deps.left.has(channel.id) ? 0 : 1),
  };
}

const find = (args: Json): Channel | undefined => channels.find((channel) => channel.id === args.channel);

/** Readable only for those who are in it. */
function readable(deps: ApiDeps, args: Json): Channel | Answer {
  const channel = find(args);
  if (channel === undefined) return no('channel_not_found');
  return deps.left.has(channel.id) ? no('not_in_channel') : channel;
}

/** `messages` in the order of the answer. A cursor names the message to go on with, so that new ones don't shift it. */
function page(store: Store, messages: readonly Message[], args: Json): Answer {
  const limit = Number(args.limit ?? USUAL);
  if (!(limit >= 1 && limit <= MOST)) return no('invalid_limit');
  const bound = (value: unknown, none: number): number => (text(value) === '' ? none : Number(value));
  const oldest = bound(args.oldest, 0);
  const latest = bound(args.latest, Number.POSITIVE_INFINITY);
  const inclusive = isTrue(args.inclusive);
  const wanted = messages.filter((message) => {
    const ts = Number(message.ts);
    return (ts > oldest && ts < latest) || (inclusive && (ts === oldest || ts === latest));
  });
  const goOnWith = text(args.cursor) === '' ? null : decode('next_ts', args.cursor);
  if (text(args.cursor) !== '' && goOnWith === null) return no('invalid_cursor');
  const from = goOnWith === null ? 0 : wanted.findIndex((message) => message.ts === goOnWith);
  if (from < 0) return no('invalid_cursor');
  const next = wanted[from + limit];
  return {
    ok: true,
    messages: wanted
      .slice(from, from + limit)
      .map((message) => shownMessage(store, message, isTrue(args.include_all_metadata))),
    has_more: next !== undefined,
    response_metadata: { next_cursor: next === undefined ? '' : encode('next_ts', next.ts) },
  };
}

const history: Method = (deps, args) => {
  const channel = readable(deps, args);
  if ('ok' in channel) return channel;
  const roots = deps.store
    .messages()
    .filter((m) => m.channel === channel.id && m.threadTs === null && m.visibleTo === null);
  return page(deps.store, roots.reverse(), args);
};

/** Oldest first, the root included; of one that was deleted, its tombstone. */
const replies: Method = (deps, args) => {
  const channel = readable(deps, args);
  if ('ok' in channel) return channel;
  const root = deps.store.findRoot(channel.id, text(args.ts));
  if (root === null || root.visibleTo !== null) return no('thread_not_found');
  const first = root.threadTs === null ? root : deps.store.findRoot(channel.id, root.threadTs);
  if (first === null) return no('thread_not_found');
  const shown = first.deleted ? tombstone(first) : first;
  const said = [shown, ...deps.store.replies(first).filter((reply) => reply.visibleTo === null)];
  return page(deps.store, said, args);
};

const tombstone = (root: Message): Message => ({
  ...root,
  user: 'USLACKBOT',
  text: 'This message was deleted.',
  blocks: null,
  metadata: null,
  files: [],
});

const listChannels: Method = (deps, args) => {
  if (Number(args.limit ?? 100) > MOST_CHANNELS) return no('invalid_limit');
  const wanted = channels.filter((c) => !(isTrue(args.exclude_archived) && deps.archived.has(c.id)));
  const part = pageOf(wanted, args);
  if ('ok' in part) return part;
  return {
    ok: true,
    channels: part.items.map((channel) => shownChannel(deps, channel)),
    response_metadata: { next_cursor: part.next },
  };
};

const members: Method = (deps, args) => {
  const channel = find(args);
  if (channel === undefined) return no('channel_not_found');
  const ids: string[] = everyone.map((person) => person.id);
  const part = pageOf(deps.left.has(channel.id) ? ids : [...ids, BOT.id], args);
  if ('ok' in part) return part;
  return { ok: true, members: part.items, response_metadata: { next_cursor: part.next } };
};

export const conversations: Readonly<Record<string, Method>> = {
  'conversations.list': listChannels,
  'conversations.info': (deps, args) => {
    const channel = find(args);
    return channel === undefined
      ? no('channel_not_found')
      : { ok: true, channel: shownChannel(deps, channel) };
  },
  'conversations.join': (deps, args) => {
    const channel = find(args);
    if (channel === undefined) return no('channel_not_found');
    if (deps.archived.has(channel.id)) return no('is_archived');
    deps.left.delete(channel.id);
    return { ok: true, channel: shownChannel(deps, channel) };
  },
  'conversations.history': history,
  'conversations.replies': replies,
  'conversations.members': members,
};
