/** Response URLs: five answers within thirty minutes (docs.slack.dev, "Handling user interaction"). */
import { randomBytes } from 'node:crypto';
import { readContent } from './api/content.ts';
import type { Json } from './json.ts';
import { BOT } from './people.ts';
import type { Message, Store } from './store.ts';

const USES = 5;
const GOOD_FOR_MS = 30 * 60_000;

interface Origin {
  readonly user: string;
  readonly channel: string;
  /** The message that was clicked on. */
  readonly message: Message | null;
}

export interface ResponseUrls {
  give(origin: Origin): string;
  /** An HTTP status and a body. */
  use(id: string, body: Json): { readonly status: number; readonly text: string };
}

export function createResponseUrls(store: Store, baseUrl: () => string): ResponseUrls {
  const given = new Map<string, { readonly origin: Origin; readonly until: number; left: number }>();
  return {
    give(origin) {
      const id = randomBytes(12).toString('hex');
      given.set(id, { origin, until: performance.now() + GOOD_FOR_MS, left: USES });
      return `${baseUrl()}/slack-workspace/response/${id}`;
    },
    use(id, body) {
      const found = given.get(id);
      if (found === undefined) return { status: 404, text: 'invalid_url' };
      if (performance.now() > found.until) return { status: 404, text: 'expired_url' };
      if (found.left <= 0) return { status: 404, text: 'used_url' };
      found.left -= 1;
      const answer = carryOut(store, found.origin, body);
      store.calls.push({
        at: Date.now(),
        method: 'response_url',
        args: { ...body, user: found.origin.user, channel: found.origin.channel },
        answer: answer.text,
      });
      return answer;
    },
  };
}

function carryOut(
  store: Store,
  { user, channel, message }: Origin,
  body: Json,
): { readonly status: number; readonly text: string } {
  const original = message === null ? null : store.find(message.channel, message.ts);
  if (body.delete_original === true) {
    if (original === null) return { status: 404, text: 'message_not_found' };
    store.remove(original);
    return { status: 200, text: 'ok' };
  }
  const content = readContent(store, body);
  if ('ok' in content) return { status: 400, text: content.ok ? 'ok' : content.error };
  if (body.replace_original === true && original !== null) {
    store.edit(original, content.text, content.blocks, content.metadata);
    return { status: 200, text: 'ok' };
  }
  const isForAll = body.response_type === 'in_channel';
  // As Slack: without `thread_ts` the answer to a click in a thread shows in the channel.
  const threadTs = typeof body.thread_ts === 'string' ? body.thread_ts : null;
  store.add({ channel, threadTs, user: BOT.id, visibleTo: isForAll ? null : user, ...content });
  return { status: 200, text: 'ok' };
}
