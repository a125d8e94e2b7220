/** Requests and the decisions on them. */
import type { Plan } from '../domain/action.ts';
import type { RequestState } from '../domain/lives.ts';
import type { Origin } from '../domain/person.ts';
import type { Statement } from './commit.ts';
import type { Tx } from './open-journal.ts';
import type { Tick } from './ticks.ts';

export interface Decision {
  readonly person: string;
  readonly verdict: 'approve' | 'deny';
  readonly authority: string;
  readonly reason: string | null;
  /** Of the plan that was decided on. */
  readonly digest: string;
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
  /** A Slack user id, `alert`, or `cli:NAME` of somebody whom org.yaml doesn't name. */
  readonly askedBy: string;
  /** Null: a version before this one asked. */
  readonly origin: Origin | null;
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
  r.asked_by as "askedBy", r.origin, r.asked_at as "askedAt", r.decide_by as "decideBy", r.start_by as "startBy",
  r.ended_at as "endedAt", r.reason,
  (select coalesce(jsonb_agg(jsonb_build_object('person', d.person, 'verdict', d.verdict, 'authority', d.authority,
    'reason', d.reason, 'digest', d.digest, 'at', d.at) order by d.at), '[]') from decisions d where d.request_id = r.id) as decisions,
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

/** Which step a request, by its id or by the opaque token of its buttons, waits for. */
export async function stepOfRequest(
  tx: Tx,
  by: { readonly id: number } | { readonly token: string },
): Promise<number | null> {
  const [column, value] = 'token' in by ? ['token', by.token] : ['id', by.id];
  const { rows } = await tx.query<{ stepId: number }>(
    `select step_id::float8 as "stepId" from requests where ${column} = $1`,
    [value],
  );
  return rows[0]?.stepId ?? null;
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
  readonly origin: Origin;
  readonly expiresMs: number;
}): Statement {
  return {
    text: `insert into requests (id, token, step_id, plan, digest, danger, quorum, asked_by, decide_by, origin)
      values ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9), $10)`,
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
      request.origin,
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
