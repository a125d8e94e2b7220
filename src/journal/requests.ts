/** Requests, the decisions on them, and executions. */
import type { Plan } from '../domain/action.ts';
import type { DelegationView } from '../domain/decide.ts';
import type { ExecutionPhase, RequestState } from '../domain/lives.ts';
import type { Statement } from './commit.ts';
import type { Tx } from './open-journal.ts';
import type { Tick } from './ticks.ts';

export interface Decision {
  readonly person: string;
  readonly verdict: 'approve' | 'deny';
  readonly authority: string;
  readonly reason: string | null;
  readonly at: Date;
}

export interface RequestRow {
  readonly id: number;
  readonly token: string;
  readonly stepId: number;
  readonly state: RequestState;
  readonly plan: Plan;
  readonly digest: string;
  readonly danger: 'disruptive' | 'destructive';
  readonly quorum: number;
  readonly askedBy: string;
  readonly askedAt: Date;
  readonly decideBy: Date;
  readonly startBy: Date | null;
  readonly endedAt: Date | null;
  readonly reason: string | null;
  readonly decisions: readonly Decision[];
  /** Boxes of change management. */
  readonly ticks: readonly Tick[];
}

interface RawDecision extends Omit<Decision, 'at'> {
  readonly at: string;
}

const REQUEST_COLUMNS = `r.id::float8 as id, r.token, r.step_id::float8 as "stepId", r.state, r.plan, r.digest, r.danger, r.quorum,
  r.asked_by as "askedBy", r.asked_at as "askedAt", r.decide_by as "decideBy", r.start_by as "startBy",
  r.ended_at as "endedAt", r.reason,
  (select coalesce(jsonb_agg(jsonb_build_object('person', d.person, 'verdict', d.verdict, 'authority', d.authority,
    'reason', d.reason, 'at', d.at) order by d.at), '[]') from decisions d where d.request_id = r.id) as decisions,
  (select coalesce(jsonb_agg(jsonb_build_object('item', t.item, 'person', t.person, 'at', t.at) order by t.at, t.item), '[]')
    from ticks t where t.surface = 'request' and t.subject = r.id) as ticks`;

type RawRequest = Omit<RequestRow, 'decisions' | 'ticks'> & {
  readonly decisions: readonly RawDecision[];
  readonly ticks: readonly (Omit<Tick, 'at'> & { readonly at: string })[];
};

function withDates(row: RawRequest): RequestRow {
  const dated = <T extends { readonly at: string }>(one: T) => ({ ...one, at: new Date(one.at) });
  return { ...row, decisions: row.decisions.map(dated), ticks: row.ticks.map(dated) };
}

/** By the opaque token of a button, or by the number in `STEP-n`; locked for the decision. */
export async function lockRequest(
  tx: Tx,
  by: { readonly token: string } | { readonly stepId: number },
): Promise<RequestRow | null> {
  const [column, value] = 'token' in by ? ['token', by.token] : ['step_id', by.stepId];
  const locked = await tx.query<{ id: string }>(`select id from requests where ${column} = $1 for update`, [
    value,
  ]);
  const id = locked.rows[0]?.id;
  if (id === undefined) return null;
  return lookUpRequest(tx, Number(id));
}

export async function lookUpRequest(tx: Tx, id: number): Promise<RequestRow | null> {
  const { rows } = await tx.query<RawRequest>(`select ${REQUEST_COLUMNS} from requests r where r.id = $1`, [
    id,
  ]);
  return rows[0] === undefined ? null : withDates(rows[0]);
}

export async function readRequests(tx: Tx, stepIds: readonly number[]): Promise<readonly RequestRow[]> {
  const { rows } = await tx.query<RawRequest>(
    `select ${REQUEST_COLUMNS} from requests r where r.step_id = any($1) order by r.id`,
    [stepIds],
  );
  return rows.map(withDates);
}

export async function openRequests(tx: Tx): Promise<readonly RequestRow[]> {
  const { rows } = await tx.query<RawRequest>(
    `select ${REQUEST_COLUMNS} from requests r where r.state = 'open' order by r.decide_by limit 50`,
  );
  return rows.map(withDates);
}

export function insertRequest(request: {
  readonly id: number;
  readonly token: string;
  readonly stepId: number;
  readonly plan: Plan;
  readonly digest: string;
  readonly askedBy: string;
  readonly expiresMs: number;
}): Statement {
  return {
    text: `insert into requests (id, token, step_id, plan, digest, danger, quorum, asked_by, decide_by)
      values ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9))`,
    values: [
      request.id,
      request.token,
      request.stepId,
      JSON.stringify(request.plan),
      request.digest,
      request.plan.danger,
      request.plan.quorum,
      request.askedBy,
      request.expiresMs / 1000,
    ],
  };
}

export function insertDecision(
  request: RequestRow,
  decision: {
    readonly person: string;
    readonly verdict: 'approve' | 'deny';
    readonly authority: string;
    readonly reason: string | null;
  },
): Statement {
  return {
    text: `insert into decisions (request_id, person, verdict, authority, reason, digest) values ($1, $2, $3, $4, $5, $6)`,
    values: [
      request.id,
      decision.person,
      decision.verdict,
      decision.authority,
      decision.reason,
      request.digest,
    ],
  };
}

/** `startMs`: how long an approved request may wait for its execution. */
export function moveRequest(
  id: number,
  from: readonly RequestState[],
  to: RequestState,
  extra: { readonly reason?: string | null; readonly startMs?: number } = {},
): Statement {
  return {
    text: `update requests set state = $3, reason = coalesce($4, reason),
        start_by = case when $3 = 'approved' then now() + make_interval(secs => $5) else start_by end,
        ended_at = case when $3 = 'approved' then null else now() end
      where id = $1 and state = any($2)`,
    values: [id, from, to, extra.reason ?? null, (extra.startMs ?? 0) / 1000],
    must: { rows: 1, what: `request ${id}` },
  };
}

export interface ExecutionRow {
  readonly id: number;
  readonly stepId: number;
  readonly requestId: number | null;
  readonly phase: ExecutionPhase;
  readonly claimedBy: string;
  readonly undoSummary: string | null;
  readonly undoBytes: number;
  readonly outcome: unknown;
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
  outcome: unknown = undefined,
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

/** Executions whose worker let its lease run out: it may have acted, and nobody knows. */
export async function lostExecutions(
  tx: Tx,
): Promise<readonly { readonly id: number; readonly stepId: number; readonly phase: ExecutionPhase }[]> {
  const { rows } = await tx.query<{ id: number; stepId: number; phase: ExecutionPhase }>(
    `select e.id::float8 as id, e.step_id::float8 as "stepId", e.phase from executions e join steps s on s.id = e.step_id
     where s.state = 'running' and s.type = 'action' and s.lease_until < now() and e.phase in ('preparing', 'acting')
     order by e.id limit 100`,
  );
  return rows;
}

export async function delegationsOf(tx: Tx, person: string): Promise<readonly DelegationView[]> {
  const { rows } = await tx.query<DelegationView>(
    `select person, given_by as "givenBy", system, starts_at as "startsAt", ends_at as "endsAt", revoked_at as "revokedAt"
     from delegations where person = $1 and ends_at > now() - interval '1 day'`,
    [person],
  );
  return rows;
}

/** Of everybody, live now, the one that ends first at the head. */
export async function liveDelegations(tx: Tx): Promise<readonly DelegationView[]> {
  const { rows } = await tx.query<DelegationView>(
    `select person, given_by as "givenBy", system, starts_at as "startsAt", ends_at as "endsAt", revoked_at as "revokedAt"
     from delegations where starts_at <= now() and ends_at > now() and revoked_at is null order by ends_at limit 50`,
  );
  return rows;
}

export async function dbNow(tx: Tx): Promise<Date> {
  const { rows } = await tx.query<{ now: Date }>('select clock_timestamp() as now');
  return rows[0]?.now ?? new Date();
}

export async function isHalted(tx: Tx): Promise<boolean> {
  const { rows } = await tx.query('select 1 from halts where lifted_at is null');
  return rows.length > 0;
}
