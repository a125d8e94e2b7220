/** Waits, as rows: deadlines are compared with the database's clock. */
import type { Statement } from './commit.ts';
import type { Tx } from './open-journal.ts';

export type TimerKind =
  | 'request.decide'
  | 'request.start'
  | 'request.remind'
  | 'incident.escalate'
  | 'maintenance.end';

export function setTimer(kind: TimerKind, subject: number, inMs: number): Statement {
  return {
    text: `insert into timers (kind, subject, due_at) values ($1, $2, now() + make_interval(secs => $3))
      on conflict (kind, subject) do update set due_at = excluded.due_at`,
    values: [kind, subject, inMs / 1000],
  };
}

export function dropTimer(kind: TimerKind, subject: number): Statement {
  return { text: 'delete from timers where kind = $1 and subject = $2', values: [kind, subject] };
}

/** Whether it was due and is this caller's now: of several that saw it, one gets it. */
export async function takeTimer(tx: Tx, kind: TimerKind, subject: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    'delete from timers where kind = $1 and subject = $2 and due_at <= now()',
    [kind, subject],
  );
  return rowCount === 1;
}

export interface DueTimer {
  readonly kind: TimerKind;
  readonly subject: number;
}

/** In no order, so that those that can't be dealt with never stand before all others. */
export async function dueTimers(tx: Tx): Promise<readonly DueTimer[]> {
  const { rows } = await tx.query<DueTimer>(
    'select kind, subject::float8 as subject from timers where due_at <= now() order by random() limit 200',
  );
  return rows;
}
