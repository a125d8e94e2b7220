/** What goes on now, in few reads: for App Home. */

import type { ProbeState } from '../domain/probe.ts';
import type { IncidentRow } from './incidents.ts';
import { INCIDENT_COLUMNS } from './incidents.ts';
import type { Tx } from './open-journal.ts';
import { STEP_COLUMNS, type StepRow, type StoredStep, toStep } from './steps.ts';

/** Where a message is, once it has been posted. */
export interface Place {
  readonly channel: string;
  readonly ts: string;
}

export interface OpenIncident {
  readonly incident: IncidentRow;
  /** Null: not posted yet, or only named in a storm. */
  readonly root: Place | null;
}

/** The newest `limit`, and how many there are. */
export async function readOpenIncidents(
  tx: Tx,
  limit: number,
): Promise<{ readonly shown: readonly OpenIncident[]; readonly total: number }> {
  const { rows } = await tx.query<IncidentRow & { at: string | null; ts: string | null; total: number }>(
    `select i.*, m.channel as at, m.ts from
       (select ${INCIDENT_COLUMNS}, (count(*) over ())::int as total from incidents where state <> 'resolved'
        order by opened_at desc limit $1) i
     left join messages m on m.surface = 'incident' and m.subject = i.id and m.slot = 'root'
     order by i."openedAt" desc`,
    [limit],
  );
  const shown = rows.map(({ at, ts, total: _, ...incident }) => ({
    incident,
    root: placeOf(at, ts),
  }));
  return { shown, total: rows[0]?.total ?? 0 };
}

const placeOf = (channel: string | null, ts: string | null): Place | null =>
  channel === null || ts === null ? null : { channel, ts };

export interface RunningStep {
  readonly step: StepRow;
  readonly runTitle: string;
  readonly runbookId: string;
  readonly incidentId: number | null;
}

/** Those of diagnoses and checks that only look are left out unless they wait for long. */
export async function readRunningSteps(tx: Tx, limit: number): Promise<readonly RunningStep[]> {
  const { rows } = await tx.query<StoredStep & Omit<RunningStep, 'step'>>(
    `select ${STEP_COLUMNS}, r.title as "runTitle", r.runbook_id as "runbookId", r.incident_id::float8 as "incidentId"
     from steps join runs r on r.id = steps.run_id
     where steps.state = 'running' and (steps.type = 'action' or steps.started_at < now() - interval '3 seconds')
     order by steps.started_at limit $1`,
    [limit],
  );
  return rows.map(({ runTitle, runbookId, incidentId, ...step }) => ({
    step: toStep(step),
    runTitle,
    runbookId,
    incidentId,
  }));
}

export interface Halt {
  readonly askedBy: string;
  readonly reason: string;
  readonly at: Date;
}

export async function readHalt(tx: Tx): Promise<Halt | null> {
  const { rows } = await tx.query<Halt>(
    'select asked_by as "askedBy", reason, at from halts where lifted_at is null',
  );
  return rows[0] ?? null;
}

export interface ServiceState {
  readonly system: string;
  readonly service: string;
  readonly state: ProbeState;
  readonly since: Date;
  readonly seenAt: Date;
}

export async function readAllHealth(tx: Tx): Promise<readonly ServiceState[]> {
  const { rows } = await tx.query<ServiceState>(
    'select system, service, state, since, seen_at as "seenAt" from health_states order by system, service',
  );
  return rows;
}

/** Of requests: the incident of each, and where its plan is shown. */
export async function readPlacesOf(
  tx: Tx,
  stepIds: readonly number[],
): Promise<
  ReadonlyMap<
    number,
    { readonly incidentId: number | null; readonly place: Place | null; readonly root: Place | null }
  >
> {
  const { rows } = await tx.query<{
    stepId: number;
    incidentId: number | null;
    channel: string | null;
    ts: string | null;
    rootTs: string | null;
  }>(
    `select s.id::float8 as "stepId", r.incident_id::float8 as "incidentId", m.channel, m.ts, p.ts as "rootTs"
     from steps s join runs r on r.id = s.run_id
     left join messages m on m.slot = 'step-' || s.id
       and m.surface = case when r.incident_id is null then 'run' else 'incident' end
       and m.subject = coalesce(r.incident_id, r.after_run, r.id)
     left join messages p on p.surface = m.surface and p.subject = m.subject and p.slot = m.parent
     where s.id = any($1)`,
    [stepIds],
  );
  return new Map(
    rows.map(({ stepId, incidentId, channel, ts, rootTs }) => [
      stepId,
      { incidentId, place: placeOf(channel, ts), root: placeOf(channel, rootTs) },
    ]),
  );
}
