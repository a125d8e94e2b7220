/** Runs, and the definitions that they were begun with. */
import type { RunKind, RunState } from '../domain/lives.ts';
import type { ParamValues } from '../domain/params.ts';
import { originOf } from '../domain/person.ts';
import type { Runbook } from '../domain/runbook.ts';
import type { AuditKey } from './audit-chain.ts';
import type { Statement } from './commit.ts';
import type { Tx } from './open-journal.ts';
import { sealRun } from './seals.ts';

export interface RunRow {
  readonly id: number;
  readonly incidentId: number | null;
  readonly kind: RunKind;
  readonly runbookId: string;
  readonly definitionHash: string;
  /** A Slack user id, `alert` or `cli:NAME`. */
  readonly askedBy: string;
  readonly optionKey: string | null;
  readonly title: string;
  readonly afterRun: number | null;
  readonly params: ParamValues;
  /** Of all that doesn't change; null: a version before seals began it. */
  readonly seal: string | null;
  readonly state: RunState;
  /** Whoever asked for its end, if anybody has. */
  readonly stopAskedBy: string | null;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
}

const RUN_COLUMNS = `runs.id::float8 as id, runs.incident_id::float8 as "incidentId", runs.kind, runs.runbook_id as "runbookId",
  runs.definition_hash as "definitionHash", runs.asked_by as "askedBy", runs.option_key as "optionKey", runs.title,
  runs.after_run::float8 as "afterRun", runs.params, runs.seal, runs.state,
  runs.stop_asked_by as "stopAskedBy", runs.started_at as "startedAt", runs.ended_at as "endedAt"`;

export function keepDefinition(hash: string, runbook: Runbook): Statement {
  return {
    text: 'insert into definitions (hash, id, body) values ($1, $2, $3) on conflict (hash) do nothing',
    values: [hash, runbook.id, JSON.stringify(runbook)],
  };
}

export async function readDefinition(tx: Tx, hash: string): Promise<Runbook | null> {
  const { rows } = await tx.query<{ body: Runbook }>('select body from definitions where hash = $1', [hash]);
  return rows[0]?.body ?? null;
}

export function insertRun(
  key: AuditKey,
  run: {
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
  },
): Statement {
  return {
    text: `insert into runs (id, incident_id, kind, runbook_id, definition_hash, asked_by, asked_key, option_key, title, after_run, params, origin, seal)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
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
      originOf(run.askedBy),
      sealRun(key, run),
    ],
  };
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

export async function readRun(tx: Tx, id: number): Promise<RunRow | null> {
  const [run] = await readRunsById(tx, [id]);
  return run ?? null;
}

/** The same, locked until the transaction ends. */
export async function lockRun(tx: Tx, id: number): Promise<RunRow | null> {
  const { rows } = await tx.query<RunRow>(`select ${RUN_COLUMNS} from runs where id = $1 for update`, [id]);
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

export function endRun(id: number, state: RunState): Statement {
  return {
    text: `update runs set state = $2, ended_at = now() where id = $1 and state = 'running'`,
    values: [id, state],
    must: { rows: 1, what: `run ${id}` },
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
