/** Looks in Slack for messages that carry a key in their metadata: after a crash or a lost answer, before posting again. */
import type { SlackPort } from '../slack-client.ts';

export const EVENT_TYPE = 'pageturner_message';
const PAGES = 10;

/** Where to look. */
export interface Place {
  readonly channel: string;
  readonly threadTs: string | null;
  readonly since: Date;
}

/** By its key; or, for a shared file, by the file's name. */
export type Wanted = { readonly key: string } | { readonly file: string };

const nameOf = (wanted: Wanted): string => ('key' in wanted ? `key ${wanted.key}` : `file ${wanted.file}`);

/** What was found in one look: the `ts` of each message that is ours, by its key or file. */
export type Posted = ReadonlyMap<string, readonly string[]>;

interface Found {
  readonly ts?: string;
  readonly files?: readonly { readonly name?: string }[];
  readonly metadata?: { readonly event_type?: string; readonly event_payload?: { readonly key?: string } };
}

function namesOf(message: Found): readonly string[] {
  const { metadata, files } = message;
  const key = metadata?.event_type === EVENT_TYPE ? metadata.event_payload?.key : undefined;
  return [
    ...(key === undefined ? [] : [nameOf({ key })]),
    ...(files ?? []).flatMap(({ name }) => (name === undefined ? [] : [nameOf({ file: name })])),
  ];
}

/** Everything of ours in one place; null when Slack can't say, so that nothing is posted on a guess. */
export async function readPosted(slack: SlackPort, where: Place): Promise<Posted | null> {
  const found = new Map<string, string[]>();
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
    if (answer.kind === 'refused' && answer.error === 'thread_not_found') return new Map();
    if (answer.kind !== 'ok' || !Array.isArray(answer.data.messages)) return null;
    for (const message of answer.data.messages as readonly Found[]) {
      const { ts } = message;
      if (ts === undefined) continue;
      for (const name of namesOf(message)) found.set(name, [...(found.get(name) ?? []), ts]);
    }
    cursor = answer.data.response_metadata?.next_cursor ?? '';
    if (cursor === '') break;
  }
  return found;
}

/** The `ts` of each, oldest first. */
export const postedAs = (posted: Posted, wanted: Wanted): readonly string[] =>
  [...(posted.get(nameOf(wanted)) ?? [])].sort();

/** One look for one message; null when Slack can't say. */
export async function findPosted(
  slack: SlackPort,
  where: Place,
  wanted: Wanted,
): Promise<readonly string[] | null> {
  const posted = await readPosted(slack, where);
  return posted === null ? null : postedAs(posted, wanted);
}
