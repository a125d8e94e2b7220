/** Which database the journal is: the one thing that two addresses of it have in common. */
import type { DatabaseIdentity } from '../domain/action.ts';
import type { Tx } from './open-journal.ts';

export async function readIdentity(tx: Tx): Promise<DatabaseIdentity> {
  const { rows } = await tx.query<{ systemIdentifier: string; oid: string }>(
    `select system_identifier::text as "systemIdentifier", d.oid::text as oid
     from pg_control_system(), pg_database d where d.datname = current_database()`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the journal does not say which database it is');
  return row;
}
