/** Everything that counts about whoever clicked: kind, roles, delegations. */
import type { PersonView } from '../../domain/decide.ts';
import { holders, ROLES, type Role } from '../../domain/organisation.ts';
import { dbNow } from '../../journal/clock.ts';
import { delegationsOf } from '../../journal/delegations.ts';
import { wasCalledAsBackup } from '../../journal/escalations.ts';
import type { Tx } from '../../journal/open-journal.ts';
import type { Engine } from './engine.ts';

/** With a rotation, whoever it names at this moment is on call, and nobody else. */
export async function readPerson(engine: Engine, id: string): Promise<Omit<PersonView, 'delegations'>> {
  const now = await dbNow(engine.journal.pool);
  const roles: Role[] = [];
  for (const role of ROLES) {
    if (await isListed(engine, holders(engine.catalog.organisation, role, now), id)) roles.push(role);
  }
  return { id, kind: await engine.directory.person(id), roles };
}

/** User groups (`S…`) are asked of Slack; if it can't say, nobody is in them. */
async function isListed(engine: Engine, list: readonly string[], id: string): Promise<boolean> {
  if (list.includes(id)) return true;
  for (const entry of list.filter((candidate) => candidate.startsWith('S'))) {
    if ((await engine.directory.groupMembers(entry))?.includes(id)) return true;
  }
  return false;
}

export async function withDelegations(tx: Tx, person: Omit<PersonView, 'delegations'>): Promise<PersonView> {
  return { ...person, delegations: await delegationsOf(tx, person.id) };
}

/** A backup whom the escalation of the incident has called is on call in it. */
export async function asCalled(tx: Tx, person: PersonView, incidentId: number | null): Promise<PersonView> {
  if (incidentId === null || person.roles.includes('on-call')) return person;
  const isCalled = await wasCalledAsBackup(tx, incidentId, person.id);
  return isCalled ? { ...person, roles: [...person.roles, 'on-call'] } : person;
}
