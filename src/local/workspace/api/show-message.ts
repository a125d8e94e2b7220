/** A message as Slack's answers and payloads show it. */
import type { Json } from '../json.ts';
import { BOT, TEAM } from '../people.ts';
import type { Message, Store, StoredFile } from '../store.ts';

const PICTURES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
};

export const mimeOf = (name: string): string =>
  PICTURES[name.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'text/plain';

export function shownFile(file: StoredFile): Json {
  return {
    id: file.id,
    name: file.name,
    title: file.title,
    mimetype: mimeOf(file.name),
    size: file.body.length,
    url_private: `/slack-workspace/file/${file.id}`,
  };
}

/** `metadata` is shown only to those who ask for it. */
export function shownMessage(store: Store, message: Message, withMetadata: boolean): Json {
  const heard = store.replies(message).filter((reply) => reply.visibleTo === null);
  const latest = heard.at(-1);
  const files = message.files.map((id) => store.files.get(id)).filter((file) => file !== undefined);
  return {
    type: 'message',
    user: message.user,
    ts: message.ts,
    text: message.text,
    team: TEAM.id,
    ...(message.blocks === null ? {} : { blocks: message.blocks }),
    ...(files.length === 0 ? {} : { files: files.map(shownFile) }),
    ...(message.user === BOT.id ? { bot_id: BOT.botId, app_id: BOT.appId } : {}),
    ...(message.edits > 0 ? { edited: { user: message.user, ts: message.ts } } : {}),
    ...(message.reactions.length === 0
      ? {}
      : { reactions: message.reactions.map((name) => ({ name, count: 1, users: [BOT.id] })) }),
    ...(withMetadata && message.metadata !== null ? { metadata: message.metadata } : {}),
    ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
    ...(latest === undefined
      ? {}
      : {
          thread_ts: message.ts,
          reply_count: heard.length,
          reply_users: [...new Set(heard.map((reply) => reply.user))],
          latest_reply: latest.ts,
        }),
  };
}
