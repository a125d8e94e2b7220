/**
 * Who somebody is and what they may do now: asked by every command, click, decision and view, each time it is needed.
 * Nothing of it is kept: a role, a delegation and an escalation's power last as long as what they rest on.
 */
import type { DelegationView, PersonView } from '../../domain/decide.ts';
import { holders, isInRotation, ROLES, type Role } from '../../domain/organisation.ts';
import { refusalOf } from '../../domain/person.ts';
import type { Refusal } from '../../domain/refusal.ts';
import { dbNow } from '../../journal/clock.ts';
import { delegationsOf, provenDelegations } from '../../journal/delegations.ts';
import { wasCalledAsBackup } from '../../journal/escalations.ts';
import type { Tx } from '../../journal/open-journal.ts';
import type { Engine } from './engine.ts';
import { provingKeys } from './tampered.ts';

/** What Slack and org.yaml say; asked before a transaction begins, as Slack may take its time. */
export interface Person {
  readonly id: string;
  readonly kind: PersonView['kind'];
  /** None but a member has any. With a rotation, whoever it names at this moment is on call, and nobody else. */
  readonly roles: readonly Role[];
  /** Who has lent the authority to this person, and is still an active tech lead. */
  readonly lenders: readonly string[];
}

export async function whoIs(engine: Engine, id: string): Promise<Person> {
  const kind = await engine.directory.person(id);
  if (kind !== 'member') return { id, kind, roles: [], lenders: [] };
  const now = await dbNow(engine.journal.pool);
  const roles: Role[] = [];
  for (const role of ROLES) if (await holds(engine, role, id, now)) roles.push(role);
  const lenders: string[] = [];
  for (const lender of new Set((await delegationsOf(engine.journal.pool, id)).map((one) => one.givenBy))) {
    const isMember = (await engine.directory.person(lender)) === 'member';
    if (isMember && (await holds(engine, 'tech-lead', lender, now))) lenders.push(lender);
  }
  return { id, kind, roles, lenders };
}

/** Null: a member of the workspace, who may read, and ask for anything. */
export async function whyNoMember(engine: Engine, id: string): Promise<Refusal | null> {
  return refusalOf(await engine.directory.person(id));
}

/** The same, as an answer. */
export async function notAMember(
  engine: Engine,
  id: string,
): Promise<{ readonly ok: false; readonly text: string } | null> {
  const refusal = await whyNoMember(engine, id);
  return refusal === null ? null : { ok: false, text: refusal.sentence };
}

/** Why this person may begin and end a maintenance or a silence, or null: each of the roles may. */
export async function roleOf(engine: Engine, id: string): Promise<string | null> {
  const { roles } = await whoIs(engine, id);
  return ROLES.find((role) => roles.includes(role))?.replace('-', ' ') ?? null;
}

export async function isTechLead(engine: Engine, id: string): Promise<boolean> {
  return (await whoIs(engine, id)).roles.includes('tech-lead');
}

/**
 * With what the journal says: delegations that the audit log proves and whose giver still may give them; and on call in
 * an incident whose escalation has called this person as the backup. `incidentId`: null where there is none.
 */
export async function powersIn(
  engine: Engine,
  tx: Tx,
  person: Person,
  incidentId: number | null,
): Promise<PersonView> {
  const { id, kind } = person;
  if (kind !== 'member') return { id, kind, roles: [], delegations: [] };
  const lent = person.lenders.length === 0 ? [] : await lentTo(engine, tx, person);
  const stands = incidentId !== null && (await standsIn(engine, tx, person, incidentId));
  return { id, kind, roles: stands ? [...person.roles, 'on-call'] : person.roles, delegations: lent };
}

async function lentTo(engine: Engine, tx: Tx, { id, lenders }: Person): Promise<readonly DelegationView[]> {
  const rows = (await delegationsOf(tx, id)).filter(({ givenBy }) => lenders.includes(givenBy));
  return rows.length === 0 ? [] : provenDelegations(tx, provingKeys(engine), id, rows);
}

async function standsIn(engine: Engine, tx: Tx, person: Person, incidentId: number): Promise<boolean> {
  if (person.roles.includes('on-call')) return false;
  return (
    isInRotation(engine.catalog.organisation, person.id) &&
    (await wasCalledAsBackup(tx, incidentId, person.id))
  );
}

/** User groups (`S…`) are asked of Slack; if it can't say, nobody is in them. */
async function holds(engine: Engine, role: Role, id: string, now: Date): Promise<boolean> {
  const list = holders(engine.catalog.organisation, role, now);
  if (list.includes(id)) return true;
  for (const entry of list.filter((candidate) => candidate.startsWith('S'))) {
    if ((await engine.directory.groupMembers(entry))?.includes(id)) return true;
  }
  return false;
}
