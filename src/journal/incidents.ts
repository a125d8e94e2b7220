/** Incidents and their alerts: what is read to decide, and the statements that change them. */
import type { IncidentState } from '../domain/lives.ts';
import type { AlertIn, Known, KnownAlert } from '../domain/receive.ts';
import type { Statement } from './commit.ts';
import type { Tx } from './open-journal.ts';

export interface IncidentRow {
  readonly id: number;
  readonly token: string;
  readonly system: string | null;
  readonly service: string | null;
  readonly alertname: string;
  readonly severity: string;
  readonly state: IncidentState;
  readonly groupKey: string;
  readonly summary: string;
  readonly externalUrl: string;
  readonly runbookId: string | null;
  readonly runbookHash: string | null;
  readonly otherRunbooks: readonly string[];
  readonly truncated: number;
  readonly openedAt: Date;
  readonly acknowledgedAt: Date | null;
  readonly acknowledgedBy: string | null;
  readonly mitigatedAt: Date | null;
  readonly resolvedAt: Date | null;
  readonly resolvedBy: string | null;
  /** Null: an alert opened it. */
  readonly openedBy: string | null;
  readonly confirmedBy: string | null;
  readonly confirmedAt: Date | null;
  /** How many of its alerts fire. */
  readonly firing: number;
}

export const INCIDENT_COLUMNS = `id::float8 as id, token, system, service, alertname, severity, state, group_key as "groupKey", summary,
  external_url as "externalUrl", runbook_id as "runbookId", runbook_hash as "runbookHash",
  other_runbooks as "otherRunbooks", truncated, opened_at as "openedAt", acknowledged_at as "acknowledgedAt",
  acknowledged_by as "acknowledgedBy", mitigated_at as "mitigatedAt", resolved_at as "resolvedAt",
  resolved_by as "resolvedBy", opened_by as "openedBy", confirmed_by as "confirmedBy", confirmed_at as "confirmedAt",
  (select count(*)::int from alerts where alerts.incident_id = incidents.id and alerts.status = 'firing') as firing`;

/** Intake is serialised per alert, in so many buckets that different groups rarely wait for each other. */
export const LOCK_SPACE = 428_002;
const LOCK_BUCKETS = 256;

export function bucket(text: string): number {
  let hash = 2_166_136_261;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 16_777_619);
  return (hash >>> 0) % LOCK_BUCKETS;
}

/** Locks the group and its alerts for this transaction, and reads what is known of them. */
export async function readKnown(
  tx: Tx,
  groupKey: string,
  fingerprints: readonly string[],
  reopenWithinMs: number,
): Promise<Known> {
  const buckets = [...new Set([groupKey, ...fingerprints].map(bucket))].sort((a, b) => a - b);
  await tx.query('select pg_advisory_xact_lock($1::int, b) from unnest($2::int[]) as b', [
    LOCK_SPACE,
    buckets,
  ]);
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
      (select max(id)::float8 from incidents where group_key = $1 and state <> 'resolved') as "groupIncident",
      (select jsonb_agg(e) from (
        select fingerprint, starts_at as "startsAt", ends_at as "endsAt" from early_ends where fingerprint = any($2)) e
      ) as "earlyEnds"`,
    [groupKey, fingerprints, reopenWithinMs / 1000],
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

export async function readIncident(tx: Tx, id: number, lock = false): Promise<IncidentRow | null> {
  const { rows } = await tx.query<IncidentRow>(
    `select ${INCIDENT_COLUMNS} from incidents where id = $1${lock ? ' for update' : ''}`,
    [id],
  );
  return rows[0] ?? null;
}

/** By what a button carries; anything else is nobody's. */
export async function findIncidentByToken(tx: Tx, token: string): Promise<IncidentRow | null> {
  const { rows } = await tx.query<IncidentRow>(
    `select ${INCIDENT_COLUMNS} from incidents where token::text = $1`,
    [token],
  );
  return rows[0] ?? null;
}

export async function openIncidents(tx: Tx, limit = 50): Promise<readonly IncidentRow[]> {
  const { rows } = await tx.query<IncidentRow>(
    `select ${INCIDENT_COLUMNS} from incidents where state <> 'resolved' order by opened_at desc limit $1`,
    [limit],
  );
  return rows;
}

export async function nextId(
  tx: Tx,
  table: 'incidents' | 'runs' | 'requests' | 'executions',
): Promise<number> {
  const { rows } = await tx.query<{ id: number }>(
    `select nextval(pg_get_serial_sequence($1, 'id'))::float8 as id`,
    [table],
  );
  const id = rows[0]?.id;
  if (id === undefined) throw new Error(`no sequence for ${table}`);
  return id;
}

export function upsertAlerts(incidentId: number, alerts: readonly AlertIn[]): Statement {
  return {
    text: `insert into alerts (incident_id, fingerprint, status, labels, annotations, generator_url, starts_at, ends_at)
      select $1, a.fingerprint, a.status, a.labels, a.annotations, a."generatorUrl", a."startsAt", a."endsAt"
      from jsonb_to_recordset($2) as a(fingerprint text, status text, labels jsonb, annotations jsonb,
        "generatorUrl" text, "startsAt" timestamptz, "endsAt" timestamptz)
      on conflict (incident_id, fingerprint) do update set status = excluded.status, labels = excluded.labels,
        annotations = excluded.annotations, starts_at = excluded.starts_at, ends_at = excluded.ends_at, received_at = now()`,
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

/** Moves an incident, whatever else it has; the times that belong to the new state are set, later ones cleared. */
export function moveIncident(
  id: number,
  from: readonly IncidentState[],
  to: IncidentState,
  by: string,
): Statement {
  return {
    text: `update incidents set state = $3,
        acknowledged_at = case when $3 = 'acknowledged' then now() else acknowledged_at end,
        acknowledged_by = case when $3 = 'acknowledged' then $4 else acknowledged_by end,
        mitigated_at = case when $3 = 'mitigated' then now() when $3 = 'firing' then null else mitigated_at end,
        resolved_at = case when $3 = 'resolved' then now() else null end,
        resolved_by = case when $3 = 'resolved' then $4 else null end
      where id = $1 and state = any($2)`,
    values: [id, from, to, by],
    must: { rows: 1, what: `INC-${id}` },
  };
}

/** Another runbook takes over; the one before is offered in its place. */
export function changeRunbook(
  incident: Pick<IncidentRow, 'id' | 'runbookHash'>,
  next: {
    readonly id: string;
    readonly hash: string;
    readonly system: string;
    readonly others: readonly string[];
  },
): Statement {
  return {
    text: `update incidents set runbook_id = $3, runbook_hash = $4, system = $5, other_runbooks = $6
      where id = $1 and runbook_hash is not distinct from $2 and state <> 'resolved'`,
    values: [incident.id, incident.runbookHash, next.id, next.hash, next.system, next.others],
    must: { rows: 1, what: `INC-${incident.id}` },
  };
}

export interface EventRow {
  readonly at: Date;
  readonly actor: string;
  readonly text: string;
}

export async function readEvents(tx: Tx, incidentId: number): Promise<readonly EventRow[]> {
  const { rows } = await tx.query<EventRow>(
    'select at, actor, text from events where incident_id = $1 order by id limit 500',
    [incidentId],
  );
  return rows;
}

export interface AlertRow {
  readonly fingerprint: string;
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly generatorUrl: string;
  readonly startsAt: Date;
}

/** The first alerts of an incident, firing ones first, and how many there are in all. */
export async function readAlerts(
  tx: Tx,
  incidentId: number,
  limit = 20,
): Promise<{ readonly alerts: readonly AlertRow[]; readonly total: number; readonly firing: number }> {
  const { rows } = await tx.query<AlertRow & { total: number; firing: number }>(
    `select fingerprint, status, labels, annotations, generator_url as "generatorUrl", starts_at as "startsAt",
       (count(*) over ())::int as total, (count(*) filter (where status = 'firing') over ())::int as firing
     from alerts where incident_id = $1 order by status, starts_at limit $2`,
    [incidentId, limit],
  );
  return { alerts: rows, total: rows[0]?.total ?? 0, firing: rows[0]?.firing ?? 0 };
}

/** Open ones first, then the last to be opened; of one system, or of all. */
export async function recentIncidents(
  tx: Tx,
  system: string | null,
  limit: number,
): Promise<readonly IncidentRow[]> {
  const { rows } = await tx.query<IncidentRow>(
    `select ${INCIDENT_COLUMNS} from incidents where $1::text is null or system = $1
     order by state = 'resolved', id desc limit $2`,
    [system, limit],
  );
  return rows;
}

/** Whether the incident's first diagnosis was still to begin; it is this transaction's to begin now. */
export async function takeDiagnosis(tx: Tx, id: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    'update incidents set diagnosis_due = false where id = $1 and diagnosis_due',
    [id],
  );
  return rowCount === 1;
}

/** Incidents of a few seconds ago whose diagnosis has not begun. */
export async function dueDiagnoses(tx: Tx): Promise<readonly number[]> {
  const { rows } = await tx.query<{ id: number }>(
    `select id::float8 as id from incidents where diagnosis_due and opened_at < now() - interval '3 seconds' order by id limit 50`,
  );
  return rows.map((row) => row.id);
}

export async function countDueDiagnoses(tx: Tx): Promise<number> {
  const { rows } = await tx.query<{ n: number }>(
    'select count(*)::int as n from incidents where diagnosis_due',
  );
  return rows[0]?.n ?? 0;
}

/** Whether there is one with this group key, open or not. */
export async function hasIncidentOf(tx: Tx, groupKey: string): Promise<boolean> {
  const { rows } = await tx.query('select 1 from incidents where group_key = $1 limit 1', [groupKey]);
  return rows.length > 0;
}
