/** `@Pageturner …`, in a channel or a thread: what `/ops …` is, and in an incident's thread a little more. */
import type { App } from '@slack/bolt';
import { escalateNow } from '../../engine/escalation/escalate-now.ts';
import { addNote } from '../../engine/incidents/add-note.ts';
import { changeIncident } from '../../engine/incidents/change-incident.ts';
import { readIncident } from '../../journal/incidents.ts';
import { findThread } from '../../journal/messages.ts';
import type { Asker } from '../answer-person.ts';
import { wrongChannel, wrongWorkspace } from '../check-place.ts';
import { answerAlone, answerCommand } from '../commands/register-commands.ts';
import type { SlackContext } from '../slack-context.ts';
import { takeOnce } from '../take-once.ts';
import { decodeTyped } from '../typed-text.ts';
import { meantBy, type ThreadOf } from './in-thread.ts';

/** The mention that began it, wherever it stands. */
const MENTION = /<@[UW][A-Z0-9]+(?:\|[^>]*)?>/u;

export function registerMentions(app: App, context: SlackContext): void {
  // Bolt acknowledges events by itself before this runs.
  app.event('app_mention', async ({ event, body }) => {
    // Bots talk to each other for ever.
    if (event.user === undefined || event.bot_id !== undefined) return;
    const asker: Asker = {
      person: event.user,
      channel: event.channel,
      threadTs: event.thread_ts ?? event.ts,
      responseUrl: null,
    };
    const text = decodeTyped(event.text.replace(MENTION, ' ')).trim();
    await answerAlone(context, asker, async () => {
      const place = await wrongWorkspace(context, body.team_id);
      if (place !== null) return place.sentence;
      return answerMention(context, { text, asker, key: `event/${body.event_id}` });
    });
  });
}

async function answerMention(
  context: SlackContext,
  typed: { readonly text: string; readonly asker: Asker; readonly key: string },
): Promise<string | null> {
  const { engine } = context;
  const { asker, key } = typed;
  const thread = await incidentOfThread(context, asker.threadTs);
  const meant = meantBy(typed.text, thread);
  if (meant.kind === 'command' || thread === null)
    return answerCommand(context, { ...typed, text: meant.kind === 'command' ? meant.text : typed.text });
  const elsewhere = await wrongChannel(context, asker.channel);
  if (elsewhere !== null) return elsewhere.sentence;
  switch (meant.kind) {
    case 'note': {
      const note = { incidentId: thread.id, person: asker.person, text: meant.text, wrote: null, key };
      return (await addNote(engine, note)).text;
    }
    case 'escalate':
      return takeOnce(context, key, async () => (await escalateNow(engine, thread.id, asker.person)).text);
    case 'change':
      return takeOnce(
        context,
        key,
        async () => (await changeIncident(engine, thread.id, meant.change, asker.person)).text,
      );
    default:
      return meant satisfies never;
  }
}

/** Null: the thread is none of an incident. */
export async function incidentOfThread(
  { engine }: Pick<SlackContext, 'engine'>,
  threadTs: string | null,
): Promise<ThreadOf | null> {
  const found = threadTs === null ? null : await findThread(engine.journal.pool, threadTs);
  if (found?.surface !== 'incident') return null;
  const incident = await readIncident(engine.journal.pool, found.subject);
  return incident === null ? null : { id: incident.id, system: incident.system, service: incident.service };
}
