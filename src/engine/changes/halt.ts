/** Stops everything, for anyone in the channel; only a tech lead lifts it. */
import type { Engine } from '../core/engine.ts';
import { perform } from '../core/perform.ts';
import { readPerson } from '../core/read-person.ts';

export async function halt(engine: Engine, person: string, reason: string): Promise<string> {
  if ((await engine.directory.person(person)) !== 'member')
    return 'You are not authorised: guests and bots can’t halt.';
  return perform(engine, async (draft) => {
    const { rowCount } = await draft.tx.query(
      'insert into halts (asked_by, reason) values ($1, $2) on conflict do nothing',
      [person, engine.redact(reason)],
    );
    if (rowCount === 0) return 'Everything is halted already.';
    draft.audit({ kind: 'halt', actor: person, subject: 'everything', payload: { reason } });
    return 'Everything is halted: no action starts until a tech lead types `/ops halt lift`.';
  });
}

export async function liftHalt(engine: Engine, person: string): Promise<string> {
  const who = await readPerson(engine, person);
  if (who.kind !== 'member' || !who.roles.includes('tech-lead'))
    return 'You are not authorised: only a tech lead lifts a halt.';
  return perform(engine, async (draft) => {
    const { rowCount } = await draft.tx.query(
      'update halts set lifted_by = $1, lifted_at = now() where lifted_at is null',
      [person],
    );
    if (rowCount === 0) return 'Nothing is halted.';
    draft.audit({ kind: 'halt.lifted', actor: person, subject: 'everything', payload: {} });
    return 'The halt is lifted.';
  });
}
