/** A tech lead lends the authority to an on-call engineer, and takes it back. */
import { sayDuration } from '../../domain/duration.ts';
import { rulesOf } from '../../domain/organisation.ts';
import { endDelegations, GIVEN, insertDelegation, REVOKED } from '../../journal/delegations.ts';
import { isTechLead, whoIs, whyNoMember } from './authority.ts';
import type { Engine } from './engine.ts';
import { perform } from './perform.ts';

/** What is wrong with it, or null when it is written. */
export async function delegate(
  engine: Engine,
  ask: {
    readonly givenBy: string;
    readonly person: string;
    readonly ms: number;
    readonly system: string | null;
  },
): Promise<string | null> {
  const stranger = await whyNoMember(engine, ask.givenBy);
  if (stranger !== null) return stranger.sentence;
  if (!(await isTechLead(engine, ask.givenBy)))
    return 'You are not authorised: only a tech lead can delegate.';
  if (ask.person === ask.givenBy) return 'You are not authorised to delegate to yourself.';
  const longest = rulesOf(engine.catalog.organisation).longestDelegationMs;
  if (ask.ms > longest)
    return `That is too long: a delegation lasts ${sayDuration(longest)} at most, as org.yaml says.`;
  if (!(await whoIs(engine, ask.person)).roles.includes('on-call'))
    return 'The authority can only be lent to someone on call.';
  await perform(engine, async (draft) => {
    await draft.write(insertDelegation(ask));
    draft.audit({
      kind: GIVEN,
      actor: ask.givenBy,
      subject: ask.person,
      payload: { ms: ask.ms, system: ask.system },
    });
  });
  return null;
}

export async function revokeDelegations(engine: Engine, by: string, person: string): Promise<string> {
  const stranger = await whyNoMember(engine, by);
  if (stranger !== null) return stranger.sentence;
  if (!(await isTechLead(engine, by)))
    return 'You are not authorised: only a tech lead can take a delegation back.';
  return perform(engine, async (draft) => {
    const count = await endDelegations(draft.tx, person);
    draft.audit({ kind: REVOKED, actor: by, subject: person, payload: { count } });
    return count === 0
      ? 'There is no live delegation to take back.'
      : `The delegation of <@${person}> is over.`;
  });
}
