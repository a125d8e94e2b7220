/** The database's clock, by which every deadline goes. */
import type { Tx } from './open-journal.ts';

export async function dbNow(tx: Tx): Promise<Date> {
  const { rows } = await tx.query<{ now: Date }>('select clock_timestamp() as now');
  return rows[0]?.now ?? new Date();
}
