/** Alerts: what is known of them when they come, and the statements that write them. */
import type { AlertIn, AlertMore, Known, KnownAlert } from '../domain/receive.ts';
import type { Statement } from './commit.ts';
import type { Tx } from './open-journal.ts';

/** Intake is serialised per alert, in so many buckets that different groups rarely wait for each other. */
export const LOCK_SPACE = 428_002;
const LOCK_BUCKETS = 256;

export function bucket(text: string): number {
  let hash = 2_166_136_261;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 16_777_619);
  return (hash >>> 0) % LOCK_BUCKETS;
}

/** What two bodies share when they may be about the same incident, beside their alerts. */
export const identityOf = ({
  groupKey,
  part,
}: {
  readonly groupKey: string;
  readonly part: string;
}): string => `${groupKey} ${part}`;

/** Locks groups and alerts for this transaction, all at once and in one order, so that two never wait for each other. */
export async function lockIntake(tx: Tx, keys: readonly string[]): Promise<void> {
  const buckets = [...new Set(keys.map(bucket))].sort((a, b) => a - b);
  await tx.query('select pg_advisory_xact_lock($1::int, b) from unnest($2::int[]) as b', [
    LOCK_SPACE,
    buckets,
  ]);
}

/** What is known of a group and its alerts, which are locked. */
export async function readKnown(
  tx: Tx,
  { groupKey, part }: { readonly groupKey: string; readonly part: string },
  fingerprints: readonly string[],
  reopenWithinMs: number,
): Promise<Known> {
  const { rows } = await tx.query<{
    alerts: (Omit<KnownAlert, 'startsAt'> & { startsAt: string })[] | null;
    groupIncident: number | null;
    earlyEnds: { fingerprint: string; startsAt: string; endsAt: string }[] | null;
  }>(
    `select
      (select jsonb_agg(a) from (
        select distinct on (alerts.fingerprint) alerts.fingerprint, alerts.incident_id as "incidentId", alerts.status,
          alerts.starts_at as "startsAt", incidents.state as "incidentState",
          coalesce(incidents.resolved_at > now() - make_interval(secs => $3), false) as reopenable
        from alerts join incidents on incidents.id = alerts.incident_id
        where alerts.fingerprint = any($2) order by alerts.fingerprint, alerts.incident_id desc) a) as alerts,
      (select max(id)::float8 from incidents where group_key = $1 and state <> 'resolved'
        and (part is null or part = $4)) as "groupIncident",
      (select jsonb_agg(e) from (
        select fingerprint, starts_at as "startsAt", ends_at as "endsAt" from early_ends where fingerprint = any($2)) e
      ) as "earlyEnds"`,
    [groupKey, fingerprints, reopenWithinMs / 1000, part],
  );
  const row = rows[0];
  return {
    alerts: (row?.alerts ?? []).map((alert) => ({ ...alert, startsAt: new Date(alert.startsAt) })),
    groupIncident: row?.groupIncident ?? null,
    earlyEnds: (row?.earlyEnds ?? []).map((end) => ({
      fingerprint: end.fingerprint,
      startsAt: new Date(end.startsAt),
      endsAt: new Date(end.endsAt),
    })),
  };
}

export function upsertAlerts(incidentId: number, alerts: readonly AlertIn[]): Statement {
  return {
    text: `insert into alerts (incident_id, fingerprint, status, labels, annotations, generator_url, starts_at, ends_at, more)
      select $1, a.fingerprint, a.status, a.labels, a.annotations, a."generatorUrl", a."startsAt", a."endsAt", a.more
      from jsonb_to_recordset($2) as a(fingerprint text, status text, labels jsonb, annotations jsonb,
        "generatorUrl" text, "startsAt" timestamptz, "endsAt" timestamptz, more jsonb)
      on conflict (incident_id, fingerprint) do update set status = excluded.status, labels = excluded.labels,
        annotations = excluded.annotations, starts_at = excluded.starts_at, ends_at = excluded.ends_at, more = excluded.more,
        received_at = now()`,
    values: [incidentId, JSON.stringify(alerts)],
  };
}

export function endAlerts(incidentId: number, fingerprints: readonly string[]): Statement {
  return {
    text: `update alerts set status = 'resolved', ends_at = now(), received_at = now()
      where incident_id = $1 and fingerprint = any($2) and status = 'firing'`,
    values: [incidentId, fingerprints],
  };
}

export function endAllAlerts(incidentId: number): Statement {
  return {
    text: `update alerts set status = 'resolved', ends_at = now() where incident_id = $1 and status = 'firing'`,
    values: [incidentId],
  };
}

export function rememberEarlyEnds(alerts: readonly AlertIn[]): Statement {
  return {
    text: `insert into early_ends (fingerprint, starts_at, ends_at)
      select e.fingerprint, e."startsAt", coalesce(e."endsAt", now())
      from jsonb_to_recordset($1) as e(fingerprint text, "startsAt" timestamptz, "endsAt" timestamptz)
      on conflict (fingerprint) do update set starts_at = excluded.starts_at, ends_at = excluded.ends_at`,
    values: [JSON.stringify(alerts)],
  };
}

/** How many alerts still fire there. */
export async function countFiring(tx: Tx, incidentId: number): Promise<number> {
  const { rows } = await tx.query<{ n: number }>(
    `select count(*)::int as n from alerts where incident_id = $1 and status = 'firing'`,
    [incidentId],
  );
  return rows[0]?.n ?? 0;
}

export interface AlertRow {
  readonly fingerprint: string;
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly generatorUrl: string;
  readonly startsAt: Date;
  readonly more: AlertMore | null;
}

/** The first alerts of an incident, firing ones first, and how many there are in all. */
export async function readAlerts(
  tx: Tx,
  incidentId: number,
  limit = 20,
): Promise<{ readonly alerts: readonly AlertRow[]; readonly total: number; readonly firing: number }> {
  const { rows } = await tx.query<AlertRow & { total: number; firing: number }>(
    `select fingerprint, status, labels, annotations, generator_url as "generatorUrl", starts_at as "startsAt",
       more, (count(*) over ())::int as total, (count(*) filter (where status = 'firing') over ())::int as firing
     from alerts where incident_id = $1 order by status, starts_at limit $2`,
    [incidentId, limit],
  );
  return { alerts: rows, total: rows[0]?.total ?? 0, firing: rows[0]?.firing ?? 0 };
}
