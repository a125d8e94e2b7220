/** Incidents and their alerts: what is read to decide, and the statements that change them. */
import type { IncidentState } from '../domain/lives.ts';
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
  readonly critical: boolean;
  /** No alert named the system: a runbook matched without it. */
  readonly guessed: boolean;
  /** Where its thread is; null: the ops channel. */
  readonly channel: string | null;
  readonly repairs: readonly string[];
  /** How often its alert has reopened it, and since when. */
  readonly flaps: number;
  readonly flapsSince: Date | null;
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
  other_runbooks as "otherRunbooks", truncated, critical, guessed, channel, repairs, flaps, flaps_since as "flapsSince",
  opened_at as "openedAt", acknowledged_at as "acknowledgedAt",
  acknowledged_by as "acknowledgedBy", mitigated_at as "mitigatedAt", resolved_at as "resolvedAt",
  resolved_by as "resolvedBy", opened_by as "openedBy", confirmed_by as "confirmedBy", confirmed_at as "confirmedAt",
  (select count(*)::int from alerts where alerts.incident_id = incidents.id and alerts.status = 'firing') as firing`;

export const readIncident = (tx: Tx, id: number): Promise<IncidentRow | null> => oneIncident(tx, id, '');

/** The same, locked until the transaction ends. */
export const lockIncident = (tx: Tx, id: number): Promise<IncidentRow | null> =>
  oneIncident(tx, id, 'for update');

async function oneIncident(tx: Tx, id: number, lock: '' | 'for update'): Promise<IncidentRow | null> {
  const { rows } = await tx.query<IncidentRow>(
    `select ${INCIDENT_COLUMNS} from incidents where id = $1 ${lock}`,
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
        reopened_at = case when state = 'resolved' then now() else reopened_at end,
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

/** Whether there is one with this group key, open or not. */
export async function hasIncidentOf(tx: Tx, groupKey: string): Promise<boolean> {
  const { rows } = await tx.query('select 1 from incidents where group_key = $1 limit 1', [groupKey]);
  return rows.length > 0;
}
