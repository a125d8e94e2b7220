/** Looks in Slack for messages that carry a key in their metadata: after a crash or a lost answer, before posting again. */
import type { SlackPort } from '../slack-client.ts';

export const EVENT_TYPE = 'pageturner_message';
const PAGES = 10;

/** By its key; or, for a shared file, by the file's name. */
type Wanted = { readonly key: string } | { readonly file: string };

interface Found {
  readonly ts?: string;
  readonly files?: readonly { readonly name?: string }[];
  readonly metadata?: { readonly event_type?: string; readonly event_payload?: { readonly key?: string } };
}

/** The `ts` of each, oldest first; null when Slack can't say, so that nothing is posted on a guess. */
export async function findPosted(
  slack: SlackPort,
  where: { readonly channel: string; readonly threadTs: string | null; readonly since: Date },
  wanted: Wanted,
): Promise<readonly string[] | null> {
  const found: string[] = [];
  let cursor = '';
  for (let page = 0; page < PAGES; page += 1) {
    const answer = await slack.call(
      where.threadTs === null ? 'conversations.history' : 'conversations.replies',
      {
        channel: where.channel,
        ...(where.threadTs === null ? {} : { ts: where.threadTs }),
        oldest: `${Math.floor(where.since.getTime() / 1000) - 60}.000000`,
        include_all_metadata: true,
        limit: 200,
        ...(cursor === '' ? {} : { cursor }),
      },
    );
    if (answer.kind === 'refused' && answer.error === 'thread_not_found') return [];
    if (answer.kind !== 'ok' || !Array.isArray(answer.data.messages)) return null;
    for (const message of answer.data.messages as readonly Found[]) {
      const { metadata, ts } = message;
      const is =
        'key' in wanted
          ? metadata?.event_type === EVENT_TYPE && metadata.event_payload?.key === wanted.key
          : (message.files ?? []).some((file) => file.name === wanted.file);
      if (is && ts !== undefined) found.push(ts);
    }
    cursor = answer.data.response_metadata?.next_cursor ?? '';
    if (cursor === '') break;
  }
  return found.sort();
}
