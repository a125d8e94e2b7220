/** Alerts that always fire: when each was last seen. */
import type { Statement } from './commit.ts';
import type { Tx } from './open-journal.ts';

export function noteSeen(name: string): Statement {
  return {
    text: `insert into heartbeats (name, seen_at) values ($1, now())
      on conflict (name) do update set seen_at = excluded.seen_at`,
    values: [name],
  };
}

/** Seconds since it was last seen; null: never. */
export async function secondsSinceSeen(tx: Tx, name: string): Promise<number | null> {
  const { rows } = await tx.query<{ seconds: number }>(
    'select extract(epoch from now() - seen_at)::float8 as seconds from heartbeats where name = $1',
    [name],
  );
  return rows[0]?.seconds ?? null;
}
