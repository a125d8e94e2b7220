/**
 * `/ops silence`: alerts kept quiet for a while, by hand. The wish is journalled and told before Alertmanager is asked;
 * a silence ends by itself, whatever happens to the bot meanwhile.
 */
import {
  LONGEST_SILENCE_MS,
  maintenanceOf,
  matchersOf,
  pickSilence,
  type ShownSilence,
  type SilenceWish,
  sayMatchers,
} from '../../domain/silence.ts';
import { escapeMrkdwn } from '../../domain/text.ts';
import { sayInstant } from '../../domain/windows.ts';
import { dbNow } from '../../journal/clock.ts';
import { insertLookup, tellLookup } from '../../journal/lookups.ts';
import { lookupMessage } from '../checks/post-lookup.ts';
import type { Answer } from '../core/answer.ts';
import { notAMember, roleOf } from '../core/authority.ts';
import type { Engine, Silencer } from '../core/engine.ts';
import { type Draft, perform } from '../core/perform.ts';
import { alertmanagerOf } from './set-silences.ts';

const NOT_AUTHORISED: Answer = {
  ok: false,
  text: 'You are not authorised: only the tech lead, the duty officer or whoever is on call sets and ends silences.',
};
const NO_ALERTMANAGER =
  'No Alertmanager is configured: set ALERTMANAGER_URL, or give the system a service `alertmanager`.';

export interface SilenceAsk extends SilenceWish {
  readonly person: string;
  readonly askedKey: string;
}

export async function setSilence(engine: Engine, ask: SilenceAsk): Promise<Answer> {
  const { silencer } = engine;
  const { system, service, person, askedKey } = ask;
  const stranger = await notAMember(engine, person);
  if (stranger !== null) return stranger;
  const as = await roleOf(engine, person);
  if (as === null) return NOT_AUTHORISED;
  const url = alertmanagerOf(engine, system);
  if (silencer === undefined || url === null) return { ok: false, text: NO_ALERTMANAGER };
  const comment = engine.redact(ask.comment);
  const matchers = matchersOf(ask);
  const what = [system, ...(service === null ? [] : [service])].join(' / ');
  const begun = await perform(engine, async (draft) => {
    const startsAt = await dbNow(draft.tx);
    const endsAt = new Date(startsAt.getTime() + Math.min(ask.forMs, LONGEST_SILENCE_MS));
    const title = `Silence of ${what} until ${sayInstant(endsAt)}`;
    const note = 'being set; /ops silence list says whether it is';
    const id = await insertLookup(draft.tx, {
      askedBy: person,
      askedKey,
      title,
      body: comment,
      follow: null,
      note,
    });
    if (id === null) return null;
    draft.want(lookupMessage(id, engine.settings.opsChannel));
    const payload = { as, matchers: sayMatchers(matchers), until: endsAt.toISOString(), comment };
    draft.audit({ kind: 'silence.asked', actor: person, subject: system, payload });
    return { id, startsAt, endsAt };
  });
  if (begun === null) return { ok: false, text: 'This was already decided upon: it was sent twice.' };
  const { startsAt, endsAt } = begun;
  const createdBy = `Pageturner for ${person}`;
  const wish = { matchers, startsAt, endsAt, createdBy, comment: `${comment} (Pageturner, by hand)` };
  const set = await attempt(engine, () => silencer.create(url, wish, engine.signal));
  const isWritten = await afterwards(engine, async (draft) => {
    await draft.write(
      tellLookup(begun.id, 'id' in set ? `set as ${set.id}` : `not known to be set: ${set.why}`),
    );
    draft.want(lookupMessage(begun.id, engine.settings.opsChannel));
    const kind = 'id' in set ? 'silence.set' : 'silence.failed';
    draft.audit({ kind, actor: person, subject: system, payload: set });
  });
  if ('why' in set) {
    return {
      ok: false,
      text: `The silence of ${what} is not known to be set: ${escapeMrkdwn(set.why)}. Look with \`/ops silence list\` before you ask again.`,
    };
  }
  return {
    ok: true,
    text: `${what} is silenced until ${sayInstant(endsAt)}. End it: \`/ops silence end ${set.id}\`.${isWritten ? '' : NOT_WRITTEN}`,
  };
}

const NOT_WRITTEN = ' The journal does not answer: the channel and the audit log do not say so yet.';

/** What Alertmanager has done is told even if it can't be written down. */
async function afterwards(engine: Engine, write: (draft: Draft) => Promise<void>): Promise<boolean> {
  try {
    await perform(engine, write);
    return true;
  } catch (error) {
    engine.log.error({ err: error }, 'what became of a silence could not be written down');
    return false;
  }
}

async function attempt(
  engine: Engine,
  create: () => Promise<string>,
): Promise<{ readonly id: string } | { readonly why: string }> {
  try {
    return { id: await create() };
  } catch (error) {
    return { why: reason(engine, error) };
  }
}

const reason = (engine: Engine, error: unknown): string =>
  engine.redact(error instanceof Error ? error.message : String(error));

export interface ListedSilences {
  /** Whose Alertmanager it is. */
  readonly systems: readonly string[];
  /** Null: it could not be asked; `problem` says why. */
  readonly silences: readonly ShownSilence[] | null;
  readonly problem: string;
}

/** Those that are active or begin later, by Alertmanager. Their addresses are never told: they may have credentials. */
export async function listAllSilences(engine: Engine): Promise<readonly ListedSilences[]> {
  return (await askAll(engine)).map(({ url: _, ...listed }) => listed);
}

async function askAll(engine: Engine): Promise<readonly (ListedSilences & { readonly url: string })[]> {
  const { silencer } = engine;
  if (silencer === undefined) return [];
  const systems = new Map<string, string[]>();
  for (const { name } of engine.catalog.systems) {
    const url = alertmanagerOf(engine, name);
    if (url !== null) systems.set(url, [...(systems.get(url) ?? []), name]);
  }
  return Promise.all([...systems].map(([url, names]) => askOne(engine, silencer, url, names)));
}

async function askOne(engine: Engine, silencer: Silencer, url: string, systems: readonly string[]) {
  try {
    const silences = engine.redact(await silencer.list(url, engine.signal));
    return { url, systems, silences, problem: '' };
  } catch (error) {
    return { url, systems, silences: null, problem: reason(engine, error) };
  }
}

/** `given`: an id, or its beginning. One that somebody else has set can be ended too: who did is in the audit log. */
export async function endSilence(engine: Engine, given: string, person: string): Promise<Answer> {
  const { silencer } = engine;
  const stranger = await notAMember(engine, person);
  if (stranger !== null) return stranger;
  const as = await roleOf(engine, person);
  if (as === null) return NOT_AUTHORISED;
  const asked = await askAll(engine);
  if (silencer === undefined || asked.length === 0) return { ok: false, text: NO_ALERTMANAGER };
  const known = asked.flatMap(({ url, silences }) => (silences ?? []).map((one) => ({ ...one, url })));
  const found = pickSilence(known, given);
  if (found === null) {
    const away = asked.filter(({ silences }) => silences === null).flatMap(({ systems }) => systems);
    const more = away.length === 0 ? '' : ` The Alertmanager of ${away.join(', ')} could not be asked.`;
    return { ok: false, text: `No one silence has that id. \`/ops silence list\` lists them.${more}` };
  }
  const maintenance = maintenanceOf(found.comment);
  if (maintenance !== null)
    return { ok: false, text: `It belongs to ${maintenance}: \`/ops maintenance end\` ends both.` };
  const { id, matchers, comment, createdBy } = found;
  const what = sayMatchers(matchers);
  await perform(engine, async (draft) => {
    const payload = { as, id, matchers: what, comment, createdBy };
    draft.audit({ kind: 'silence.ending', actor: person, subject: id, payload });
  });
  try {
    await silencer.expire(found.url, id, engine.signal);
  } catch (error) {
    return {
      ok: false,
      text: `The silence is not known to have ended: ${escapeMrkdwn(reason(engine, error))}. Try again.`,
    };
  }
  const isWritten = await afterwards(engine, async (draft) => {
    draft.audit({ kind: 'silence.ended', actor: person, subject: id, payload: { as } });
    const row = {
      askedBy: person,
      askedKey: `silence.end/${id}`,
      title: 'A silence has ended',
      follow: null,
    };
    const lookup = await insertLookup(draft.tx, {
      ...row,
      body: `${what}\n${comment}`,
      note: 'ended by hand',
    });
    if (lookup !== null) draft.want(lookupMessage(lookup, engine.settings.opsChannel));
  });
  return { ok: true, text: `The silence of ${escapeMrkdwn(what)} has ended.${isWritten ? '' : NOT_WRITTEN}` };
}
