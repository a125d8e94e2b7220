/** Turns at looking: of many workers, one takes each turn that is due. */
import type { Tx } from './open-journal.ts';

/** Names that have no turn yet get one each, spread evenly over the time between two turns. */
export async function addTurns(tx: Tx, names: readonly string[], everyMs: number): Promise<void> {
  await tx.query(
    `insert into health_turns (name, due_at)
     select name, now() + make_interval(secs => $2::float8 * (n - 1) / $3)
     from unnest($1::text[]) with ordinality as t(name, n) on conflict (name) do nothing`,
    [names, everyMs / 1000, names.length],
  );
}

/**
 * The names whose turns this call has taken; each is due again after `everyMs`, and keeps its place among the others
 * unless it was missed. A turn that is further off was set when turns were rarer, and is taken now.
 */
export async function takeTurns(
  tx: Tx,
  names: readonly string[],
  everyMs: number,
): Promise<readonly string[]> {
  const { rows } = await tx.query<{ name: string }>(
    `update health_turns t
     set due_at = case when t.due_at between now() - make_interval(secs => $2) and now() then t.due_at else now() end
       + make_interval(secs => $2)
     where name in (
       select name from health_turns
       where name = any ($1) and (due_at <= now() or due_at > now() + make_interval(secs => $2))
       for update skip locked)
     returning name`,
    [names, everyMs / 1000],
  );
  return rows.map((row) => row.name);
}
