/** Response URLs: five answers within thirty minutes (docs.slack.dev, "Handling user interaction"). */
import { randomBytes } from 'node:crypto';
import { checkBlocks } from './check-blocks.ts';
import { BOT } from './people.ts';
import type { Json, Message, Store } from './store.ts';

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
      if (found === undefined || performance.now() > found.until || found.left <= 0)
        return { status: 404, text: 'expired_url' };
      found.left -= 1;
      const blocks = (body.blocks ?? null) as readonly Json[] | null;
      if (blocks !== null && checkBlocks(blocks, 'message').length > 0)
        return { status: 400, text: 'invalid_blocks' };
      const { user, channel, message } = found.origin;
      const text = typeof body.text === 'string' ? body.text : '';
      store.calls.push({
        at: Date.now(),
        method: 'response_url',
        args: { ...body, user, channel },
        answer: 'ok',
      });
      if (body.delete_original === true && message !== null) store.remove(message);
      else if (body.replace_original === true && message !== null) store.edit(message, text, blocks, null);
      else {
        const threadTs =
          message === null
            ? null
            : (message.threadTs ?? (body.response_type === 'in_channel' ? null : message.ts));
        store.add({
          channel,
          threadTs,
          user: BOT.id,
          text,
          blocks,
          metadata: null,
          visibleTo: body.response_type === 'in_channel' ? null : user,
        });
      }
      return { status: 200, text: 'ok' };
    },
  };
}
