/** Everything that counts about whoever clicked: kind, roles, delegations. */
import type { PersonView } from '../domain/decide.ts';
import type { Tx } from '../journal/open-journal.ts';
import { delegationsOf } from '../journal/requests.ts';
import type { Engine } from './engine.ts';

type Role = PersonView['roles'][number];

export async function readPerson(engine: Engine, id: string): Promise<Omit<PersonView, 'delegations'>> {
  const { techLead, onCall, dutyOfficer } = engine.catalog.organisation;
  const lists: readonly [Role, readonly string[]][] = [
    ['tech-lead', techLead],
    ['on-call', onCall],
    ['duty-officer', dutyOfficer],
  ];
  const roles: Role[] = [];
  for (const [role, list] of lists) if (await isListed(engine, list, id)) roles.push(role);
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
