/** Which commands and clicks were taken, so that the same signed request, sent again, does nothing. */
import type { Tx } from './open-journal.ts';

/** True: it is the first time, and nobody takes it again. */
export async function takeTrigger(tx: Tx, key: string): Promise<boolean> {
  const { rowCount } = await tx.query('insert into triggers (key) values ($1) on conflict do nothing', [key]);
  return rowCount === 1;
}

/** What was taken could not be begun: it may come again. */
export async function giveBackTrigger(tx: Tx, key: string): Promise<void> {
  await tx.query('delete from triggers where key = $1', [key]);
}
