/** Messages of a thread that people add to its incident: by the message shortcut, or with a pushpin. */
import type { App } from '@slack/bolt';
import { addNote } from '../../engine/incidents/add-note.ts';
import type { Asker } from '../answer-person.ts';
import { wrongChannel, wrongWorkspace } from '../check-place.ts';
import { answerAlone } from '../commands/register-commands.ts';
import type { SlackContext } from '../slack-context.ts';
import { decodeTyped } from '../typed-text.ts';
import { isObject } from '../verified-listener.ts';
import { incidentOfThread } from './register-mentions.ts';

export const NOTE_SHORTCUT = 'incident.note';
const PUSHPIN = 'pushpin';

interface Pinned {
  readonly text: string;
  readonly wrote: string | null;
  readonly threadTs: string | null;
}

export function registerNotes(app: App, context: SlackContext): void {
  app.shortcut(NOTE_SHORTCUT, async ({ ack, shortcut }) => {
    await ack();
    if (shortcut.type !== 'message_action') return;
    const { message, channel, user, team } = shortcut;
    const pinned: Pinned = {
      text: message.text ?? '',
      wrote: typeof message.user === 'string' ? message.user : null,
      threadTs: typeof message.thread_ts === 'string' ? message.thread_ts : message.ts,
    };
    const asker: Asker = {
      person: user.id,
      channel: channel.id,
      threadTs: pinned.threadTs,
      responseUrl: shortcut.response_url || null,
    };
    await answerAlone(context, asker, () =>
      add(context, asker, pinned, team?.id ?? null, `shortcut/${shortcut.trigger_id}`),
    );
  });
  app.event('reaction_added', async ({ event, body }) => {
    if (event.reaction !== PUSHPIN || event.item.type !== 'message') return;
    const { channel, ts } = event.item;
    const pinned = await findMessage(context, channel, ts);
    // A pushpin outside an incident's thread is none of the bot's business.
    if (pinned === null || (await incidentOfThread(context, pinned.threadTs)) === null) return;
    const asker: Asker = { person: event.user, channel, threadTs: pinned.threadTs, responseUrl: null };
    await answerAlone(context, asker, () =>
      add(context, asker, pinned, body.team_id, `event/${body.event_id}`),
    );
  });
}

async function add(
  context: SlackContext,
  asker: Asker,
  pinned: Pinned,
  team: string | null,
  key: string,
): Promise<string> {
  const place = (await wrongWorkspace(context, team)) ?? (await wrongChannel(context, asker.channel));
  if (place !== null) return place.sentence;
  const incident = await incidentOfThread(context, pinned.threadTs);
  if (incident === null) return 'This message is in no incident’s thread: use it on a message of one.';
  const answer = await addNote(context.engine, {
    incidentId: incident.id,
    person: asker.person,
    text: decodeTyped(pinned.text),
    wrote: pinned.wrote,
    key,
  });
  return answer.text;
}

/** Null: Slack doesn't show it to the bot. */
async function findMessage({ slack }: SlackContext, channel: string, ts: string): Promise<Pinned | null> {
  const answer = await slack.call('conversations.replies', {
    channel,
    ts,
    oldest: ts,
    latest: ts,
    inclusive: true,
    limit: 10,
  });
  const found =
    answer.kind === 'ok' && Array.isArray(answer.data.messages)
      ? answer.data.messages.filter(isObject).find((message) => message.ts === ts)
      : undefined;
  if (found === undefined || typeof found.text !== 'string') return null;
  return {
    text: found.text,
    wrote: typeof found.user === 'string' ? found.user : null,
    threadTs: typeof found.thread_ts === 'string' ? found.thread_ts : ts,
  };
}
