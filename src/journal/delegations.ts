/** The authority of the tech lead, lent to an on-call engineer for a time: rows to look up, and the audit log that proves them. */
import type { DelegationView } from '../domain/decide.ts';
import { type AuditKey, type AuditKeys, provenEntries } from './audit-chain.ts';
import type { Statement } from './commit.ts';
import type { Tx } from './open-journal.ts';

/** As the audit log names them. */
export const GIVEN = 'delegation.given';
export const REVOKED = 'delegation.revoked';

/** `system`: null lends it for all of them. */
export function insertDelegation(delegation: {
  readonly person: string;
  readonly givenBy: string;
  readonly system: string | null;
  readonly ms: number;
}): Statement {
  return {
    text: `insert into delegations (person, given_by, system, ends_at) values ($1, $2, $3, now() + make_interval(secs => $4))`,
    values: [delegation.person, delegation.givenBy, delegation.system, delegation.ms / 1000],
  };
}

/** Ends those of a person that are live or still to come; how many there were. */
export async function endDelegations(tx: Tx, person: string): Promise<number> {
  const { rowCount } = await tx.query(
    'update delegations set revoked_at = now() where person = $1 and revoked_at is null and ends_at > now()',
    [person],
  );
  return rowCount ?? 0;
}

/** Who holds the authority for a system by a live delegation. */
export async function delegatesFor(tx: Tx, system: string): Promise<readonly string[]> {
  const { rows } = await tx.query<{ person: string }>(
    `select distinct person from delegations where starts_at <= now() and ends_at > now() and revoked_at is null
       and (system is null or system = $1) order by person`,
    [system],
  );
  return rows.map(({ person }) => person);
}

export async function delegationsOf(tx: Tx, person: string): Promise<readonly DelegationView[]> {
  const { rows } = await tx.query<DelegationView>(
    `select person, given_by as "givenBy", system, starts_at as "startsAt", ends_at as "endsAt", revoked_at as "revokedAt"
     from delegations where person = $1 and ends_at > now() - interval '1 day'`,
    [person],
  );
  return rows;
}

/** Of everybody, live now, the one that ends first at the head. */
export async function liveDelegations(tx: Tx): Promise<readonly DelegationView[]> {
  const { rows } = await tx.query<DelegationView>(
    `select person, given_by as "givenBy", system, starts_at as "startsAt", ends_at as "endsAt", revoked_at as "revokedAt"
     from delegations where starts_at <= now() and ends_at > now() and revoked_at is null order by ends_at limit 50`,
  );
  return rows;
}

/**
 * Those that the audit log says were given for as long, by the same person and for the same system, and not taken back
 * since. A row alone lends nothing: whoever can write one can lend to themselves.
 */
export async function provenDelegations(
  tx: Tx,
  keys: AuditKey | AuditKeys,
  person: string,
  rows: readonly DelegationView[],
): Promise<readonly DelegationView[]> {
  const { entries, forged } = await provenEntries(tx, keys, person, [GIVEN, REVOKED]);
  if (forged !== null) return [];
  const revoked = entries.findLast(({ kind }) => kind === REVOKED)?.seq ?? 0;
  const given = entries.filter(({ kind, seq }) => kind === GIVEN && seq > revoked);
  return rows.filter((row) =>
    given.some(
      ({ actor, at, payload }) =>
        actor === row.givenBy &&
        payload.system === row.system &&
        typeof payload.ms === 'number' &&
        row.endsAt.getTime() <= at.getTime() + payload.ms,
    ),
  );
}
