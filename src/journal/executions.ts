/** Executions: who carries out what was approved, under which lease, how far it is and what became of it. */
import type { ExecutionPhase } from '../domain/lives.ts';
import type { KeptEnding } from '../domain/step-result.ts';
import type { Statement } from './commit.ts';
import type { Tx } from './open-journal.ts';

export interface ExecutionRow {
  readonly id: number;
  readonly stepId: number;
  readonly requestId: number | null;
  readonly phase: ExecutionPhase;
  readonly claimedBy: string;
  readonly undoSummary: string | null;
  readonly undoBytes: number;
  readonly outcome: KeptEnding | null;
  readonly startedAt: Date;
  readonly actedAt: Date | null;
  readonly endedAt: Date | null;
}

const EXECUTION_COLUMNS = `id::float8 as id, step_id::float8 as "stepId", request_id::float8 as "requestId", phase,
  claimed_by as "claimedBy", undo_summary as "undoSummary", undo_bytes::float8 as "undoBytes", outcome,
  started_at as "startedAt", acted_at as "actedAt", ended_at as "endedAt"`;

export async function readExecutions(tx: Tx, stepIds: readonly number[]): Promise<readonly ExecutionRow[]> {
  const { rows } = await tx.query<ExecutionRow>(
    `select ${EXECUTION_COLUMNS} from executions where step_id = any($1) order by id`,
    [stepIds],
  );
  return rows;
}

/** The claim: unique per step and per request, so that of any number of workers one goes on. */
export function insertExecution(execution: {
  readonly id: number;
  readonly stepId: number;
  readonly requestId: number | null;
  readonly digest: string;
  readonly worker: string;
}): Statement {
  return {
    text: `insert into executions (id, step_id, request_id, digest, claimed_by) values ($1, $2, $3, $4, $5)`,
    values: [execution.id, execution.stepId, execution.requestId, execution.digest, execution.worker],
  };
}

export function runActionStep(stepId: number, worker: string, leaseMs: number): Statement {
  return {
    text: `update steps set state = 'running', claimed_by = $2, lease_until = now() + make_interval(secs => $3),
        started_at = coalesce(started_at, now()), due_at = null
      where id = $1 and state in ('pending', 'waiting') and type = 'action'`,
    values: [stepId, worker, leaseMs / 1000],
    must: { rows: 1, what: `STEP-${stepId}` },
  };
}

/** The lease is still this worker's, and lasts `leaseMs` more. */
export function renewLease(stepId: number, worker: string, leaseMs: number): Statement {
  return {
    text: `update steps set lease_until = now() + make_interval(secs => $3)
      where id = $1 and claimed_by = $2 and state = 'running' and lease_until > now()`,
    values: [stepId, worker, leaseMs / 1000],
    must: { rows: 1, what: `the lease of STEP-${stepId}` },
  };
}

export function moveExecution(
  id: number,
  from: readonly ExecutionPhase[],
  to: ExecutionPhase,
  outcome?: KeptEnding,
): Statement {
  return {
    text: `update executions set phase = $3, outcome = coalesce($4::jsonb, outcome),
        acted_at = case when $3 = 'acting' then now() else acted_at end,
        ended_at = case when $3 in ('done', 'interrupted') then now() end
      where id = $1 and phase = any($2)`,
    values: [id, from, to, outcome === undefined ? null : JSON.stringify(outcome)],
    must: { rows: 1, what: `execution ${id}` },
  };
}

/**
 * Executions whose worker let its lease run out: it may have acted, and nobody knows. In no order, so that those that
 * can't be dealt with never stand before all others.
 */
export async function lostExecutions(
  tx: Tx,
): Promise<readonly { readonly id: number; readonly stepId: number; readonly phase: ExecutionPhase }[]> {
  const { rows } = await tx.query<{ id: number; stepId: number; phase: ExecutionPhase }>(
    `select e.id::float8 as id, e.step_id::float8 as "stepId", e.phase from executions e join steps s on s.id = e.step_id
     where s.state = 'running' and s.type = 'action' and s.lease_until < now() and e.phase in ('preparing', 'acting')
     order by random() limit 100`,
  );
  return rows;
}

/** The phase and the worker of one whose lease ran out, locked; null: it ended, or its worker lives. */
export async function lockLostExecution(
  tx: Tx,
  id: number,
): Promise<{ readonly phase: 'preparing' | 'acting'; readonly worker: string } | null> {
  const { rows } = await tx.query<{ phase: 'preparing' | 'acting'; worker: string }>(
    `select e.phase, e.claimed_by as worker from executions e join steps s on s.id = e.step_id
     where e.id = $1 and e.phase in ('preparing', 'acting') and s.state = 'running' and s.lease_until < now() for update`,
    [id],
  );
  return rows[0] ?? null;
}

/** What was kept to bring back what an execution is about to remove. */
export function noteUndo(
  id: number,
  undo: { readonly summary: string; readonly bytes: number; readonly digest: string },
): Statement {
  return {
    text: `update executions set undo_summary = $2, undo_bytes = $3, undo_digest = $4
      where id = $1 and phase = 'preparing'`,
    values: [id, undo.summary, undo.bytes, undo.digest],
    must: { rows: 1, what: `execution ${id}` },
  };
}

export interface KeptUndo {
  readonly executionId: number;
  readonly summary: string;
  readonly bytes: number;
  readonly digest: string;
}

/** The undo of a step that acted, while its parts are kept. */
export async function readKeptUndo(tx: Tx, stepId: number): Promise<KeptUndo | null> {
  const { rows } = await tx.query<KeptUndo>(
    `select e.id::float8 as "executionId", e.undo_summary as summary, e.undo_bytes::float8 as bytes, e.undo_digest as digest
     from executions e where e.step_id = $1 and e.undo_digest is not null and e.acted_at is not null
       and exists (select 1 from undo_parts p where p.execution_id = e.id)`,
    [stepId],
  );
  return rows[0] ?? null;
}
