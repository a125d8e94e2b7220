/** Work that one process at a time does, whichever: a lease, and when it was last done. */
import type { Tx } from './open-journal.ts';

/** Takes the chore when it is due and nobody has it; goes on with it when it is ours already. */
export async function takeChore(
  tx: Tx,
  name: string,
  worker: string,
  times: { readonly leaseMs: number; readonly everyMs: number },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into chores (name, lease_by, lease_until) values ($1, $2, now() + make_interval(secs => $3))
     on conflict (name) do update set lease_by = $2, lease_until = now() + make_interval(secs => $3)
     where (chores.lease_by = $2 and chores.lease_until > now())
       or ((chores.lease_until is null or chores.lease_until < now())
         and (chores.done_at is null or chores.done_at < now() - make_interval(secs => $4)))`,
    [name, worker, times.leaseMs / 1000, times.everyMs / 1000],
  );
  return rowCount === 1;
}

export async function finishChore(tx: Tx, name: string, worker: string): Promise<void> {
  await tx.query('update chores set lease_until = null, done_at = now() where name = $1 and lease_by = $2', [
    name,
    worker,
  ]);
}
