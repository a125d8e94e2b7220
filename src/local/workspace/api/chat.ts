/** chat.*: posting, changing and deleting. */
import { LIMITS } from '../../../slack/limits.ts';
import { text } from '../json.ts';
import { BOT, everyone } from '../people.ts';
import { openChannel, readContent, readThread } from './content.ts';
import { type Method, no } from './method.ts';
import { shownMessage } from './show-message.ts';

const postMessage: Method = (deps, args) => {
  const { store } = deps;
  const channel = openChannel(deps, args.channel, true);
  if (typeof channel !== 'string') return channel;
  const content = readContent(store, args);
  if ('ok' in content) return content;
  const threadTs = readThread(store, channel, args.thread_ts);
  if (threadTs !== null && typeof threadTs === 'object') return threadTs;
  const message = store.add({ channel, threadTs, user: BOT.id, visibleTo: null, ...content });
  return { ok: true, channel, ts: message.ts, message: shownMessage(store, message, true) };
};

const postEphemeral: Method = (deps, args) => {
  const { store } = deps;
  const channel = openChannel(deps, args.channel, true);
  if (typeof channel !== 'string') return channel;
  if (!everyone.some((person) => person.id === args.user)) return no('user_not_in_channel');
  const content = readContent(store, args);
  if ('ok' in content) return content;
  const threadTs = readThread(store, channel, args.thread_ts);
  if (threadTs !== null && typeof threadTs === 'object') return threadTs;
  const message = store.add({ channel, threadTs, user: BOT.id, visibleTo: text(args.user), ...content });
  return { ok: true, message_ts: message.ts };
};

/** An ephemeral message has no place in the channel: it can't be changed. Blocks left out stay as they were. */
const update: Method = (deps, args) => {
  const { store } = deps;
  const channel = openChannel(deps, args.channel, false);
  if (typeof channel !== 'string') return channel;
  const message = store.find(channel, text(args.ts));
  if (message === null || message.visibleTo !== null) return no('message_not_found');
  if (message.user !== BOT.id) return no('cant_update_message');
  if (text(args.text).length > LIMITS.updateText) return no('msg_too_long');
  const content = readContent(store, args);
  if ('ok' in content) return content;
  const blocks = args.blocks === undefined ? message.blocks : content.blocks;
  const edited = store.edit(message, content.text, blocks, content.metadata);
  return {
    ok: true,
    channel,
    ts: edited.ts,
    text: edited.text,
    message: shownMessage(store, edited, true),
  };
};

const remove: Method = (deps, args) => {
  const channel = openChannel(deps, args.channel, false);
  if (typeof channel !== 'string') return channel;
  const message = deps.store.find(channel, text(args.ts));
  if (message === null || message.visibleTo !== null) return no('message_not_found');
  if (message.user !== BOT.id) return no('cant_delete_message');
  deps.store.remove(message);
  return { ok: true, channel, ts: message.ts };
};

const react: Method = (deps, args) => {
  const channel = openChannel(deps, args.channel, false);
  if (typeof channel !== 'string') return channel;
  const message = deps.store.find(channel, text(args.timestamp));
  if (message === null || message.visibleTo !== null) return no('message_not_found');
  const name = text(args.name).replaceAll(':', '');
  if (!/^[a-z0-9_+'-]+$/u.test(name)) return no('invalid_name');
  if (message.reactions.includes(name)) return no('already_reacted');
  deps.store.react(message, name);
  return { ok: true };
};

export const chat: Readonly<Record<string, Method>> = {
  'chat.postMessage': postMessage,
  'chat.postEphemeral': postEphemeral,
  'chat.update': update,
  'chat.delete': remove,
  'reactions.add': react,
};
