/** What is kept to find the silence again that will be made, and how it is ended. */
import { z } from 'zod';
import { expireSilence, listSilences, type Silence } from '../../clients/alertmanager.ts';
import type {
  ActionContext,
  ActionOutcome,
  PlanDraft,
  Refused,
  UndoMade,
  UndoWriter,
} from '../../domain/action.ts';
import type { Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import { sayCount } from '../say-size.ts';
import { whyNot } from './plan.ts';
import type { SilenceSettings } from './settings.ts';
import { isSame, sayMatchers, wantedSilence } from './wanted.ts';

/** Its id is given when it is made, after the undo is: so it is known by what was there before, and by its time. */
const record = z.object({
  matchers: z.array(z.object({ label: z.string(), op: z.enum(['=', '!=', '=~', '!~']), value: z.string() })),
  comment: z.string(),
  /** Ids of equal silences that somebody else had made. */
  others: z.array(z.string()),
  notBefore: z.coerce.date(),
  notAfter: z.coerce.date(),
});

/** Milliseconds by which Alertmanager's clock may differ, and that lie between the undo and the act. */
const CLOCKS_MS = 2 * 60_000;

export async function makeSilenceUndo(
  target: Target,
  settings: SilenceSettings,
  _plan: PlanDraft,
  undo: UndoWriter,
  context: ActionContext,
): Promise<UndoMade | Refused> {
  const base = target.declared.alertmanagerUrl;
  const refused = whyNot(target);
  if (refused !== null || base === null) return { refused: refused ?? '' };
  const { matchers, comment } = wantedSilence(settings);
  const equal = (await listSilences(base, context)).filter((silence) =>
    isSame(silence, { matchers, comment }),
  );
  const now = Date.now();
  const kept: z.input<typeof record> = {
    matchers: [...matchers],
    comment,
    others: equal.map(({ id }) => id),
    notBefore: new Date(now - CLOCKS_MS),
    notAfter: new Date(now + context.timeoutMs + CLOCKS_MS),
  };
  try {
    await undo.write(Buffer.from(JSON.stringify(kept)));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { refused: `the undo could not be kept: ${oneLine(why, 160)}` };
  }
  return { summary: 'what the silence will be, so that it can be ended', entries: 1 };
}

/** Ends the silence that was made, if it is still there. */
export async function restoreSilenced(
  target: Target,
  _settings: SilenceSettings,
  undo: AsyncIterable<Uint8Array>,
  context: ActionContext,
): Promise<ActionOutcome> {
  const base = target.declared.alertmanagerUrl;
  const refused = whyNot(target);
  if (refused !== null || base === null) return ended('failed', refused ?? '', []);
  try {
    const parts: Uint8Array[] = [];
    for await (const part of undo) parts.push(part);
    const kept = record.parse(JSON.parse(Buffer.concat(parts).toString('utf8')));
    return await endOurs(base, kept, context);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return ended('failed', `the silence could not be ended: ${oneLine(why, 160)}`, []);
  }
}

async function endOurs(
  base: string,
  kept: z.output<typeof record>,
  context: ActionContext,
): Promise<ActionOutcome> {
  const isOurs = (silence: Silence): boolean =>
    silence.state !== 'expired' &&
    isSame(silence, kept) &&
    !kept.others.includes(silence.id) &&
    silence.startsAt >= kept.notBefore &&
    silence.startsAt <= kept.notAfter;
  const ours = (await listSilences(base, context)).filter(isOurs);
  for (const { id } of ours) await expireSilence(base, id, context);
  const ids = ours.map(({ id }) => id);
  const name = sayMatchers(kept.matchers);
  if (ids.length === 0) return ended('succeeded', `${name}: it had ended already`, []);
  return ended('succeeded', `${name}: ${sayCount(ids.length, 'silence')} ended`, ids);
}

function ended(state: 'succeeded' | 'failed', summary: string, ids: readonly string[]): ActionOutcome {
  const items = ids.map((id) => ({ name: id, outcome: 'done' as const, note: 'ended' }));
  return { state, summary, items };
}
