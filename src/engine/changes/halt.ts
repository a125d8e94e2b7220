/** Stops everything, for anyone in the channel; only a tech lead lifts it. */
import { beginHalt, endHalt } from '../../journal/halts.ts';
import { isTechLead, whyNoMember } from '../core/authority.ts';
import type { Engine } from '../core/engine.ts';
import { perform } from '../core/perform.ts';

export async function halt(engine: Engine, person: string, reason: string): Promise<string> {
  const stranger = await whyNoMember(engine, person);
  if (stranger !== null) return stranger.sentence;
  return perform(engine, async (draft) => {
    if (!(await beginHalt(draft.tx, person, engine.redact(reason)))) return 'Everything is halted already.';
    draft.audit({ kind: 'halt', actor: person, subject: 'everything', payload: { reason } });
    return 'Everything is halted: no action starts until a tech lead types `/ops halt lift`.';
  });
}

export async function liftHalt(engine: Engine, person: string): Promise<string> {
  const stranger = await whyNoMember(engine, person);
  if (stranger !== null) return stranger.sentence;
  if (!(await isTechLead(engine, person))) return 'You are not authorised: only a tech lead lifts a halt.';
  return perform(engine, async (draft) => {
    if (!(await endHalt(draft.tx, person))) return 'Nothing is halted.';
    draft.audit({ kind: 'halt.lifted', actor: person, subject: 'everything', payload: {} });
    return 'The halt is lifted.';
  });
}
