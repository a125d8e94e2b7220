/** A halt of everything: while one is in force no action starts. */
import type { Tx } from './open-journal.ts';

/** False: everything is halted already. */
export async function beginHalt(tx: Tx, person: string, reason: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    'insert into halts (asked_by, reason) values ($1, $2) on conflict do nothing',
    [person, reason],
  );
  return rowCount === 1;
}

/** False: nothing is halted. */
export async function endHalt(tx: Tx, person: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    'update halts set lifted_by = $1, lifted_at = now() where lifted_at is null',
    [person],
  );
  return rowCount !== 0;
}

export async function isHalted(tx: Tx): Promise<boolean> {
  const { rows } = await tx.query('select 1 from halts where lifted_at is null');
  return rows.length > 0;
}
