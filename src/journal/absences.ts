/** Times in which an alert that always fires stayed away. */
import type { Tx } from './open-journal.ts';

export interface Absence {
  readonly id: number;
  readonly name: string;
  readonly lastSeenAt: Date;
  /** Null: it is still away. */
  readonly backAt: Date | null;
}

const COLUMNS = 'id::float8 as id, name, last_seen_at as "lastSeenAt", back_at as "backAt"';

/** Whether an absence has begun or ended that is not written down yet. */
export async function absencesChanged(tx: Tx, afterMs: number): Promise<boolean> {
  const { rows } = await tx.query(
    `select 1 from heartbeats h left join absences a on a.name = h.name and a.back_at is null
     where (a.id is null and h.seen_at < now() - make_interval(secs => $1)) or h.seen_at > a.last_seen_at limit 1`,
    [afterMs / 1000],
  );
  return rows.length > 0;
}

/** Writes down what has been away for longer than that and was seen before, each absence once. */
export async function beginAbsences(tx: Tx, afterMs: number): Promise<readonly Absence[]> {
  const { rows } = await tx.query<Absence>(
    `insert into absences (name, last_seen_at)
     select h.name, h.seen_at from heartbeats h
     where h.seen_at < now() - make_interval(secs => $1)
       and not exists (select 1 from absences a where a.name = h.name and a.back_at is null)
     on conflict do nothing returning ${COLUMNS}`,
    [afterMs / 1000],
  );
  return rows;
}

/** Ends the absences of what has been seen again. */
export async function endAbsences(tx: Tx): Promise<readonly Absence[]> {
  const { rows } = await tx.query<Absence>(
    `update absences a set back_at = h.seen_at from heartbeats h
     where a.name = h.name and a.back_at is null and h.seen_at > a.last_seen_at
     returning a.id::float8 as id, a.name, a.last_seen_at as "lastSeenAt", a.back_at as "backAt"`,
  );
  return rows;
}

export async function readAbsence(tx: Tx, id: number): Promise<Absence | null> {
  const { rows } = await tx.query<Absence>(`select ${COLUMNS} from absences where id = $1`, [id]);
  return rows[0] ?? null;
}
