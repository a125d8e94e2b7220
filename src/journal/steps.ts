/** Steps of runs. Definitions and results are JSON in the table: they are typed here, where they are read and written. */
import type { Danger, Refused } from '../domain/action.ts';
import type { StepState } from '../domain/lives.ts';
import type { ProbeResult } from '../domain/probe.ts';
import type { ActionStep, ProbeStep, TaskStep } from '../domain/runbook.ts';
import type { ConditionResult, ConditionStep, KeptEnding, TaskResult } from '../domain/step-result.ts';
import type { AuditKey } from './audit-chain.ts';
import type { Statement } from './commit.ts';
import type { Tx } from './open-journal.ts';
import { sealStep } from './seals.ts';
import type { StepProgress } from './step-progress.ts';

/** What a step does and, once it has ended, what came of it, by its type. */
interface Kinds {
  readonly probe: { readonly definition: ProbeStep; readonly result: ProbeResult };
  readonly condition: { readonly definition: ConditionStep; readonly result: ConditionResult };
  readonly action: { readonly definition: ActionStep; readonly result: Refused | KeptEnding };
  readonly task: { readonly definition: TaskStep; readonly result: TaskResult };
}
export type StepType = keyof Kinds;
type StepResult = Kinds[StepType]['result'];

/** Why a step ended without being done. */
export interface NotRun {
  readonly how: 'cancelled' | 'denied' | 'skipped';
  readonly why: string;
}

interface StepBase {
  readonly id: number;
  readonly runId: number;
  readonly position: number;
  readonly danger: Danger;
  /** Of an action, of what it does; null: a version before seals wrote it. */
  readonly seal: string | null;
  readonly state: StepState;
  readonly due: boolean;
  readonly attempt: number;
  readonly wake: number;
  readonly notRun: NotRun | null;
  readonly replacedBy: number | null;
  readonly token: string;
  readonly progress: StepProgress | null;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}

export type StepRow = {
  readonly [T in StepType]: StepBase & {
    readonly type: T;
    readonly definition: Kinds[T]['definition'];
    readonly result: Kinds[T]['result'] | null;
  };
}[StepType];
/** The two that only look. */
export type CheckStepRow = Extract<StepRow, { readonly type: 'probe' | 'condition' }>;
export type ActionStepRow = Extract<StepRow, { readonly type: 'action' }>;
export type TaskStepRow = Extract<StepRow, { readonly type: 'task' }>;

export const isCheck = (step: StepRow): step is CheckStepRow =>
  step.type === 'probe' || step.type === 'condition';

/** As PostgreSQL gives it back. */
export interface StoredStep extends Omit<StepBase, 'notRun'> {
  readonly type: StepType;
  readonly definition: object;
  readonly result: Readonly<Record<string, unknown>> | null;
}

export const STEP_COLUMNS = `steps.id::float8 as id, steps.run_id::float8 as "runId", steps.position, steps.type, steps.danger,
  steps.seal, steps.definition, steps.state, steps.due_at is not null as due, steps.attempt, steps.wake, steps.result,
  steps.replaced_by::float8 as "replacedBy", steps.token, steps.progress,
  steps.started_at as "startedAt", steps.ended_at as "endedAt"`;

/** What a row that another version wrote may lack. */
const DEFAULTS: { readonly [T in StepType]: Kinds[T]['definition'] } = {
  probe: {
    key: '',
    title: null,
    probe: '',
    service: '',
    settings: {},
    expect: null,
    withinMs: 0,
    timeoutMs: 5000,
  },
  condition: {
    key: 'condition',
    probe: '',
    service: '',
    settings: {},
    holds: {},
    says: '',
    withinMs: 0,
  },
  action: { key: '', title: null, action: '', service: '', settings: {}, danger: null, timeoutMs: 5000 },
  task: { key: '', title: null, task: '' },
};

/** The one place where a stored step becomes a typed one. */
export function toStep(stored: StoredStep): StepRow {
  const notRun = notRunOf(stored.result);
  return {
    ...stored,
    definition: { ...DEFAULTS[stored.type], ...stored.definition },
    result: notRun === null ? stored.result : null,
    notRun,
  } as StepRow;
}

const HOW = ['cancelled', 'denied', 'skipped'] as const;

function notRunOf(result: StoredStep['result']): NotRun | null {
  for (const how of HOW) {
    const why = result?.[how];
    if (typeof why === 'string') return { how, why };
  }
  return null;
}

/** The end of what an action printed. */
export const outputEndOf = ({ result }: ActionStepRow): string | null =>
  result !== null && 'outputEnd' in result ? (result.outputEnd ?? null) : null;

export type StepDraft = {
  readonly [T in StepType]: {
    readonly type: T;
    readonly danger: Danger;
    readonly definition: Kinds[T]['definition'];
  };
}[StepType];

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
  key: AuditKey,
  runId: number,
  firstPosition: number,
  steps: readonly (StepDraft & { readonly due: boolean })[],
): Promise<readonly number[]> {
  const drafts = steps.map((step, i) => {
    const sealed = step.type === 'action' ? { ...step, runId, position: firstPosition + i } : null;
    return { ...step, n: i + 1, seal: sealed === null ? null : sealStep(key, sealed) };
  });
  const { rows } = await tx.query<{ id: number }>(
    `insert into steps (run_id, position, type, danger, definition, seal, due_at, wake, woken_at)
     select $1, $2 + s.n - 1, s.type, s.danger, s.definition, s.seal, case when s.due then now() end,
       case when s.due then 1 else 0 end, case when s.due then now() end
     from jsonb_to_recordset($3) as s(type text, danger text, definition jsonb, seal text, due boolean, n bigint)
     order by s.n returning id::float8 as id`,
    [runId, firstPosition, JSON.stringify(drafts)],
  );
  return rows.map((row) => row.id);
}

/** Its danger rose since it was written: it is asked for as what it is now. */
export function raiseDanger(key: AuditKey, step: ActionStepRow, danger: Danger): Statement {
  return {
    text: 'update steps set danger = $2, seal = $3 where id = $1',
    values: [step.id, danger, sealStep(key, { ...step, danger })],
    must: { rows: 1, what: `STEP-${step.id}` },
  };
}

export async function readSteps(tx: Tx, runIds: readonly number[]): Promise<readonly StepRow[]> {
  const { rows } = await tx.query<StoredStep>(
    `select ${STEP_COLUMNS} from steps where run_id = any($1) order by run_id, position`,
    [runIds],
  );
  return rows.map(toStep);
}

export async function readStep(tx: Tx, id: number): Promise<StepRow | null> {
  const { rows } = await tx.query<StoredStep>(`select ${STEP_COLUMNS} from steps where id = $1`, [id]);
  return rows[0] === undefined ? null : toStep(rows[0]);
}

export function moveStep(
  id: number,
  from: readonly StepState[],
  to: StepState,
  result?: StepResult,
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

/** Ends a step without doing it, or without going on with it, and says why. */
export function cancelStep(id: number, from: readonly StepState[], { how, why }: NotRun): Statement {
  return {
    text: `update steps set state = $3, result = $4::json, due_at = null, lease_until = null,
        started_at = coalesce(started_at, now()), ended_at = now()
      where id = $1 and state = any($2)`,
    values: [id, from, how === 'skipped' ? 'skipped' : 'cancelled', JSON.stringify({ [how]: why })],
    must: { rows: 1, what: `STEP-${id}` },
  };
}

export function makeDue(ids: readonly number[]): Statement {
  return {
    text: `update steps set due_at = now(), wake = wake + 1, woken_at = now() where id = any($1) and due_at is null`,
    values: [ids],
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

/** Milliseconds since the oldest due step that nobody has taken became due. */
export async function dueStepMs(tx: Tx): Promise<number> {
  const { rows } = await tx.query<{ ms: number }>(
    `select coalesce(extract(epoch from now() - min(due_at)) * 1000, 0)::float8 as ms
     from steps where due_at <= now() and state in ('pending', 'waiting')`,
  );
  return rows[0]?.ms ?? 0;
}
