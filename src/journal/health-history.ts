/** What health was: five minutes of a service in one row, and since when it is as it is. Kept for 30 days. */
import type { HealthHistory, HealthHour, HealthState } from '../domain/health-history.ts';
import type { ProbeResult } from '../domain/probe.ts';
import { cut } from '../domain/text.ts';
import type { Statement } from './commit.ts';
import type { Tx } from './open-journal.ts';

const KEPT_DAYS = 30;
const REASON_KEPT = 200;
/** Rows deleted by one statement. */
const BATCH = 2000;

/** What one look at a system found, by service. One statement, whatever the number of services. */
export function recordHealth(system: string, results: Readonly<Record<string, ProbeResult>>): Statement {
  const given = Object.entries(results).map(([service, { state, reason, latencyMs }]) => ({
    service,
    state,
    reason: state === 'up' || reason === null ? null : cut(reason, REASON_KEPT),
    latency: latencyMs === null ? null : Math.min(Math.round(latencyMs), 2 ** 31 - 1),
  }));
  return {
    // In the order of names, so that two at once never wait for each other.
    text: `with given as (
        select * from jsonb_to_recordset($2) as g(service text, state text, reason text, latency integer) order by service
      ), rolled as (
        insert into health_samples as h (system, service, bucket, up, degraded, down, unknown, worst, reason, max_latency_ms)
        select $1, service, date_bin('5 minutes', now(), '2000-01-01'), (state = 'up')::int, (state = 'degraded')::int,
          (state = 'down')::int, (state = 'unknown')::int, state, reason, latency from given
        on conflict (system, service, bucket) do update set
          up = h.up + excluded.up, degraded = h.degraded + excluded.degraded,
          down = h.down + excluded.down, unknown = h.unknown + excluded.unknown,
          worst = case when array_position(array['up', 'unknown', 'degraded', 'down'], excluded.worst)
            > array_position(array['up', 'unknown', 'degraded', 'down'], h.worst) then excluded.worst else h.worst end,
          reason = coalesce(excluded.reason, h.reason),
          max_latency_ms = greatest(h.max_latency_ms, excluded.max_latency_ms)
      )
      insert into health_states as s (system, service, state, since, seen_at)
      select $1, service, state, now(), now() from given
      on conflict (system, service) do update set
        since = case when s.state = excluded.state then s.since else excluded.since end,
        state = excluded.state, seen_at = excluded.seen_at`,
    values: [system, JSON.stringify(given)],
  };
}

/** Of every service of a system that was ever looked at. */
export async function readHealthStates(tx: Tx, system: string): Promise<readonly HealthState[]> {
  const { rows } = await tx.query<HealthState>(
    'select service, state, since from health_states where system = $1',
    [system],
  );
  return rows;
}

/** The 24 hours and the 30 days before `at`. */
export async function readHealthHistory(
  tx: Tx,
  system: string,
  service: string,
  at: Date,
): Promise<HealthHistory> {
  const hours = await tx.query<HealthHour>(
    `select floor(extract(epoch from $3::timestamptz - bucket) / 3600)::int as ago,
       (array['up', 'unknown', 'degraded', 'down'])[max(array_position(array['up', 'unknown', 'degraded', 'down'], worst))] as worst
     from health_samples
     where system = $1 and service = $2 and bucket > $3::timestamptz - interval '24 hours' and bucket <= $3::timestamptz
     group by 1 order by 1`,
    [system, service, at],
  );
  const parts = await tx.query<{ day: number | null; month: number | null; from: Date | null }>(
    `select avg(good) filter (where bucket > $3::timestamptz - interval '24 hours')::float8 as day,
       avg(good)::float8 as month, min(bucket) as "from"
     from (select bucket, (up + degraded)::float8 / nullif(up + degraded + down, 0) as good
       from health_samples where system = $1 and service = $2
         and bucket > $3::timestamptz - make_interval(days => ${KEPT_DAYS})) b`,
    [system, service, at],
  );
  const { day = null, month = null, from = null } = parts.rows[0] ?? {};
  return { hours: hours.rows, day, month, from };
}

/** Deletes what is too old, some rows at a time; how many went. */
export async function thinOutHealth(tx: Tx): Promise<number> {
  const { rowCount } = await tx.query(
    `delete from health_samples where ctid = any (array(
       select ctid from health_samples where bucket < now() - make_interval(days => ${KEPT_DAYS}) limit ${BATCH}))`,
  );
  return rowCount ?? 0;
}
