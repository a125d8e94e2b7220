/** Something looked up for everybody in a channel: written down first, then posted by the projector. */
import type { Chart } from '../../domain/chart.ts';
import type { AuditDraft } from '../../journal/audit-chain.ts';
import type { MessageWant } from '../../journal/commit.ts';
import { countFollowed, type Followed, insertLookup } from '../../journal/lookups.ts';
import { wantPicture } from '../../journal/pictures.ts';
import type { Engine } from '../core/engine.ts';
import { perform } from '../core/perform.ts';

/** Each asks its engine every two seconds and changes a message as often. */
const MOST_FOLLOWED = 8;

export interface LookupAsk {
  readonly askedBy: string;
  readonly askedKey: string;
  /** Where the answer goes. */
  readonly channel: string;
  /** Where whoever asked is answered when the channel takes no message of the bot. */
  readonly answerUrl: string | null;
  /** The thread where it was asked; null: in the channel. */
  readonly threadTs: string | null;
  readonly title: string;
  readonly body: string;
  readonly chart: Chart | null;
  readonly follow: (Followed & { readonly forMs: number }) | null;
}

/** `busy`: too many logs are followed already, and nothing was done. A command that comes twice is told once. */
export function postLookup(engine: Engine, ask: LookupAsk): Promise<'posted' | 'busy'> {
  return perform(engine, async (draft) => {
    if (ask.follow !== null && (await countFollowed(draft.tx)) >= MOST_FOLLOWED) return 'busy';
    const id = await insertLookup(draft.tx, engine.redact(ask));
    if (id === null) return 'posted';
    if (ask.follow !== null) draft.audit(readingOf(ask.askedBy, ask.follow.system, ask.follow.service));
    draft.want({
      ...lookupMessage(id, ask.channel),
      answerUrl: ask.answerUrl,
      threadTs: ask.threadTs,
    });
    if (ask.chart !== null)
      await draft.write(
        wantPicture(
          { surface: 'lookup', subject: id, slot: 'answer' },
          { kind: 'chart', chart: engine.redact(ask.chart) },
        ),
      );
    return 'posted';
  });
}

/** Logs may hold what people wrote and what they paid: who has read which is in the audit log. */
const readingOf = (actor: string, system: string, service: string | null): AuditDraft => ({
  kind: 'logs.read',
  actor,
  subject: service === null ? system : `${system}/${service}`,
  payload: {},
});

/** Before they are shown: where it can't be written down, they aren't. */
export function noteReading(
  engine: Engine,
  person: string,
  system: string,
  service: string | null,
): Promise<void> {
  return perform(engine, async (draft) => draft.audit(readingOf(person, system, service)));
}

export const lookupMessage = (id: number, channel: string): MessageWant => ({
  surface: 'lookup',
  subject: id,
  slot: 'answer',
  channel,
  parent: null,
  urgent: false,
});
