/** Runs and their steps. */
import type { Danger } from '../domain/action.ts';
import type { RunKind, RunState, StepState } from '../domain/lives.ts';
import type { ParamValues } from '../domain/params.ts';
import type { Statement } from './commit.ts';
import type { Tx } from './open-journal.ts';
import type { StepProgress } from './step-progress.ts';

export type StepType = 'probe' | 'condition' | 'action' | 'task';

export interface RunRow {
  readonly id: number;
  readonly incidentId: number | null;
  readonly kind: RunKind;
  readonly runbookId: string;
  readonly definitionHash: string;
  readonly askedBy: string;
  readonly optionKey: string | null;
  readonly title: string;
  readonly afterRun: number | null;
  readonly params: ParamValues;
  readonly state: RunState;
  /** Whoever asked for its end, if anybody has. */
  readonly stopAskedBy: string | null;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
}

export interface StepRow {
  readonly id: number;
  readonly runId: number;
  readonly position: number;
  readonly type: StepType;
  readonly danger: Danger;
  readonly definition: unknown;
  readonly state: StepState;
  readonly due: boolean;
  readonly attempt: number;
  readonly wake: number;
  readonly result: unknown;
  readonly replacedBy: number | null;
  readonly token: string;
  readonly progress: StepProgress | null;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}

const RUN_COLUMNS = `runs.id::float8 as id, runs.incident_id::float8 as "incidentId", runs.kind, runs.runbook_id as "runbookId",
  runs.definition_hash as "definitionHash", runs.asked_by as "askedBy", runs.option_key as "optionKey", runs.title,
  runs.after_run::float8 as "afterRun", runs.params, runs.state,
  runs.stop_asked_by as "stopAskedBy", runs.started_at as "startedAt", runs.ended_at as "endedAt"`;
export const STEP_COLUMNS = `steps.id::float8 as id, steps.run_id::float8 as "runId", steps.position, steps.type, steps.danger,
  steps.definition, steps.state, steps.due_at is not null as due, steps.attempt, steps.wake, steps.result,
  steps.replaced_by::float8 as "replacedBy", steps.token, steps.progress,
  steps.started_at as "startedAt", steps.ended_at as "endedAt"`;

export function keepDefinition(hash: string, id: string, body: unknown): Statement {
  return {
    text: 'insert into definitions (hash, id, body) values ($1, $2, $3) on conflict (hash) do nothing',
    values: [hash, id, JSON.stringify(body)],
  };
}

export async function readDefinition(tx: Tx, hash: string): Promise<unknown> {
  const { rows } = await tx.query<{ body: unknown }>('select body from definitions where hash = $1', [hash]);
  return rows[0]?.body ?? null;
}

export function insertRun(run: {
  readonly id: number;
  readonly incidentId: number | null;
  readonly kind: RunKind;
  readonly runbookId: string;
  readonly definitionHash: string;
  readonly askedBy: string;
  readonly askedKey: string | null;
  readonly optionKey: string | null;
  readonly title: string;
  readonly afterRun: number | null;
  readonly params: ParamValues;
}): Statement {
  return {
    text: `insert into runs (id, incident_id, kind, runbook_id, definition_hash, asked_by, asked_key, option_key, title, after_run, params)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    values: [
      run.id,
      run.incidentId,
      run.kind,
      run.runbookId,
      run.definitionHash,
      run.askedBy,
      run.askedKey,
      run.optionKey,
      run.title,
      run.afterRun,
      JSON.stringify(run.params),
    ],
  };
}

export interface StepDraft {
  readonly type: StepType;
  readonly danger: Danger;
  readonly definition: unknown;
}

/** Whether the click or command with this key began a run. */
export async function hasRunOf(tx: Tx, askedKey: string): Promise<boolean> {
  const { rows } = await tx.query('select 1 from runs where asked_key = $1', [askedKey]);
  return rows.length > 0;
}

/** From now on a run ends as soon as nothing of it is under way. */
export function noteStop(id: number, person: string): Statement {
  return { text: 'update runs set stop_asked_by = $2 where id = $1', values: [id, person] };
}

/** A person's task, by the opaque token of its button or by its number. */
export async function findTask(
  tx: Tx,
  by: { readonly token: string } | { readonly stepId: number },
): Promise<{ readonly id: number; readonly runId: number } | null> {
  const [column, value] = 'token' in by ? ['token::text', by.token] : ['id', by.stepId];
  const { rows } = await tx.query<{ id: number; runId: number }>(
    `select id::float8 as id, run_id::float8 as "runId" from steps where ${column} = $1 and type = 'task'`,
    [value],
  );
  return rows[0] ?? null;
}

/** Adds steps in order; `due` those that may start at once. */
export async function insertSteps(
  tx: Tx,
  runId: number,
  firstPosition: number,
  steps: readonly (StepDraft & { readonly due: boolean })[],
): Promise<readonly number[]> {
  const { rows } = await tx.query<{ id: number }>(
    `insert into steps (run_id, position, type, danger, definition, due_at, wake, woken_at)
     select $1, $2 + s.n - 1, s.type, s.danger, s.definition, case when s.due then now() end,
       case when s.due then 1 else 0 end, case when s.due then now() end
     from jsonb_to_recordset($3) as s(type text, danger text, definition jsonb, due boolean, n bigint)
     order by s.n returning id::float8 as id`,
    [runId, firstPosition, JSON.stringify(steps.map((step, i) => ({ ...step, n: i + 1 })))],
  );
  return rows.map((row) => row.id);
}

export async function readRun(tx: Tx, id: number, lock = false): Promise<RunRow | null> {
  const { rows } = await tx.query<RunRow>(
    `select ${RUN_COLUMNS} from runs where id = $1${lock ? ' for update' : ''}`,
    [id],
  );
  return rows[0] ?? null;
}

export async function readRunsById(tx: Tx, ids: readonly number[]): Promise<readonly RunRow[]> {
  const { rows } = await tx.query<RunRow>(`select ${RUN_COLUMNS} from runs where id = any($1)`, [ids]);
  return rows;
}

export async function readRuns(tx: Tx, incidentId: number): Promise<readonly RunRow[]> {
  const { rows } = await tx.query<RunRow>(
    `select ${RUN_COLUMNS} from runs where incident_id = $1 order by id`,
    [incidentId],
  );
  return rows;
}

/** A run and the checks after it. */
export async function readWithChecks(tx: Tx, id: number): Promise<readonly RunRow[]> {
  const { rows } = await tx.query<RunRow>(
    `select ${RUN_COLUMNS} from runs where id = $1 or after_run = $1 order by id`,
    [id],
  );
  return rows;
}

export async function readSteps(tx: Tx, runIds: readonly number[]): Promise<readonly StepRow[]> {
  const { rows } = await tx.query<StepRow>(
    `select ${STEP_COLUMNS} from steps where run_id = any($1) order by run_id, position`,
    [runIds],
  );
  return rows;
}

export async function readStep(tx: Tx, id: number): Promise<StepRow | null> {
  const { rows } = await tx.query<StepRow>(`select ${STEP_COLUMNS} from steps where id = $1`, [id]);
  return rows[0] ?? null;
}

export function moveStep(
  id: number,
  from: readonly StepState[],
  to: StepState,
  result: unknown = undefined,
): Statement {
  return {
    text: `update steps set state = $3, result = coalesce($4::json, result), due_at = null, lease_until = null,
        started_at = coalesce(started_at, now()),
        ended_at = case when $3 in ('succeeded', 'failed', 'interrupted', 'skipped', 'cancelled') then now() end
      where id = $1 and state = any($2)`,
    values: [id, from, to, result === undefined ? null : JSON.stringify(result)],
    must: { rows: 1, what: `STEP-${id}` },
  };
}

export function makeDue(ids: readonly number[]): Statement {
  return {
    text: `update steps set due_at = now(), wake = wake + 1, woken_at = now() where id = any($1) and due_at is null`,
    values: [ids],
  };
}

export function endRun(id: number, state: RunState): Statement {
  return {
    text: `update runs set state = $2, ended_at = now() where id = $1 and state = 'running'`,
    values: [id, state],
    must: { rows: 1, what: `run ${id}` },
  };
}

/** Steps that should be under way and that nobody was woken for lately: their wake is raised. */
export async function wakeOverdue(tx: Tx, afterMs: number): Promise<readonly Wake[]> {
  const { rows } = await tx.query<Wake>(
    `update steps set wake = wake + 1, woken_at = now()
     where id in (select id from steps where due_at <= now() and state in ('pending', 'waiting')
       and (woken_at is null or woken_at < now() - make_interval(secs => $1)) order by due_at limit 500 for update skip locked)
     returning id::float8 as id, attempt, wake, type`,
    [afterMs / 1000],
  );
  return rows;
}

export interface Wake {
  readonly id: number;
  readonly attempt: number;
  readonly wake: number;
  readonly type: StepType;
}

export async function readWakes(tx: Tx, ids: readonly number[]): Promise<readonly Wake[]> {
  const { rows } = await tx.query<Wake>(
    'select id::float8 as id, attempt, wake, type from steps where id = any($1)',
    [ids],
  );
  return rows;
}

export function replaceStep(id: number, by: number): Statement {
  return {
    text: 'update steps set replaced_by = $2 where id = $1',
    values: [id, by],
    must: { rows: 1, what: `STEP-${id}` },
  };
}

/** The last recovery of an option in an incident, whatever became of it. */
export async function lastOptionRun(tx: Tx, incidentId: number, optionKey: string): Promise<RunRow | null> {
  const { rows } = await tx.query<RunRow>(
    `select ${RUN_COLUMNS} from runs where incident_id = $1 and option_key = $2 and kind = 'recovery' order by id desc limit 1`,
    [incidentId, optionKey],
  );
  return rows[0] ?? null;
}

/** Milliseconds since the oldest due step that nobody has taken became due. */
export async function dueStepMs(tx: Tx): Promise<number> {
  const { rows } = await tx.query<{ ms: number }>(
    `select coalesce(extract(epoch from now() - min(due_at)) * 1000, 0)::float8 as ms
     from steps where due_at <= now() and state in ('pending', 'waiting')`,
  );
  return rows[0]?.ms ?? 0;
}
