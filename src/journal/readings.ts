/** What an incident's alerts say, read again until it is resolved. */
import type { Labels } from '../domain/alert-expression.ts';
import type { AlertsVerdict } from '../domain/judge-alerts.ts';
import type { Statement } from './commit.ts';
import type { Tx } from './open-journal.ts';

/** Reads it now. `anew`: what was read before is told again, should it be the same. */
export function planReading(incidentId: number, anew: 'anew' | 'as before'): Statement {
  return {
    text: `insert into readings (incident_id) values ($1)
      on conflict (incident_id) do update set next_at = now(), verdict = case when $2 then null else readings.verdict end`,
    values: [incidentId, anew === 'anew'],
  };
}

/** Incidents to read now; nobody else gets them for `everyMs`, and then they are due again. */
export async function takeReadings(tx: Tx, everyMs: number, limit: number): Promise<readonly number[]> {
  const { rows } = await tx.query<{ id: number }>(
    `update readings set next_at = now() + make_interval(secs => $1)
     where incident_id in (select incident_id from readings where next_at <= now() order by next_at limit $2
       for update skip locked)
     returning incident_id::float8 as id`,
    [everyMs / 1000, limit],
  );
  return rows.map(({ id }) => id);
}

export function endReadings(incidentId: number): Statement {
  return { text: 'delete from readings where incident_id = $1', values: [incidentId] };
}

export interface ReadingRow {
  /** Null: not read yet. */
  readonly verdict: AlertsVerdict['verdict'] | null;
  readonly says: string;
  readonly seen: boolean;
  readonly readAt: Date | null;
}

/** Null: nothing was asked for that incident yet. */
export async function readReading(tx: Tx, incidentId: number): Promise<ReadingRow | null> {
  const { rows } = await tx.query<ReadingRow>(
    `select verdict, says, seen, read_at as "readAt" from readings where incident_id = $1`,
    [incidentId],
  );
  return rows[0] ?? null;
}

/** Milliseconds since when it is gone: 0 at the first reading that says so. */
export async function keepReading(
  tx: Tx,
  incidentId: number,
  { verdict, says }: AlertsVerdict,
  seen: boolean,
): Promise<number> {
  const { rows } = await tx.query<{ goneForMs: number }>(
    `insert into readings (incident_id, verdict, says, seen, read_at, gone_since)
     values ($1, $2, $3, $4, now(), case when $2 = 'gone' then now() end)
     on conflict (incident_id) do update set verdict = $2, says = $3, seen = readings.seen or $4, read_at = now(),
       gone_since = case when $2 = 'gone' then coalesce(readings.gone_since, now()) end
     returning coalesce(extract(epoch from now() - gone_since) * 1000, 0)::float8 as "goneForMs"`,
    [incidentId, verdict, says, seen],
  );
  return rows[0]?.goneForMs ?? 0;
}

export interface FiringAlert {
  readonly labels: Labels;
  readonly generatorUrl: string;
}

export async function firingAlerts(
  tx: Tx,
  incidentId: number,
  limit: number,
): Promise<readonly FiringAlert[]> {
  const { rows } = await tx.query<FiringAlert>(
    `select labels, generator_url as "generatorUrl" from alerts
     where incident_id = $1 and status = 'firing' order by fingerprint limit $2`,
    [incidentId, limit],
  );
  return rows;
}

/** Whether anything was done about it since it began to fire: an action or a task of its runs that succeeded, or may have. */
export async function hasActed(tx: Tx, incidentId: number, exceptOption: string): Promise<boolean> {
  const { rows } = await tx.query(
    `select 1 from steps s join runs r on r.id = s.run_id join incidents i on i.id = r.incident_id
     where r.incident_id = $1 and r.kind in ('recovery', 'operation') and r.option_key is distinct from $2
       and s.type in ('action', 'task') and s.state in ('succeeded', 'interrupted')
       and (i.reopened_at is null or s.ended_at > i.reopened_at) limit 1`,
    [incidentId, exceptOption],
  );
  return rows.length > 0;
}
