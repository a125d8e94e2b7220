/** First diagnoses: which are still to begin, and in which order. */
import type { Statement } from './commit.ts';
import type { Tx } from './open-journal.ts';

/** Whether the incident's first diagnosis was still to begin; it is this transaction's to begin now. */
export async function takeDiagnosis(tx: Tx, id: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    'update incidents set diagnosis_due = false where id = $1 and diagnosis_due',
    [id],
  );
  return rowCount === 1;
}

/** Before others: 0 critical, 1 with a runbook, 2 without. */
export type Priority = 0 | 1 | 2;

export const priorityOf = (incident: {
  readonly critical: boolean;
  readonly runbookId: string | null;
}): Priority => (incident.critical ? 0 : incident.runbookId === null ? 2 : 1);

export interface DueDiagnosis {
  readonly id: number;
  readonly priority: Priority;
}

const PRIORITY = 'case when critical then 0 when runbook_id is null then 2 else 1 end';

/** Incidents of a few seconds ago whose diagnosis has not begun; the most urgent first. */
export async function dueDiagnoses(tx: Tx): Promise<readonly DueDiagnosis[]> {
  const { rows } = await tx.query<DueDiagnosis>(
    `select id::float8 as id, ${PRIORITY} as priority
     from incidents where diagnosis_due and opened_at < now() - interval '3 seconds' order by 2, 1 limit 50`,
  );
  return rows;
}

/** Those of them whose diagnosis is still to begin. */
export async function dueAmong(tx: Tx, ids: readonly number[]): Promise<readonly DueDiagnosis[]> {
  const { rows } = await tx.query<DueDiagnosis>(
    `select id::float8 as id, ${PRIORITY} as priority from incidents where id = any($1) and diagnosis_due order by 2, 1`,
    [ids],
  );
  return rows;
}

/** Something new is to be looked at: its diagnosis begins again. */
export function diagnoseSoon(id: number): Statement {
  return { text: 'update incidents set diagnosis_due = true where id = $1', values: [id] };
}

/** It fires again. One that flaps, back for at least the third time, is looked at once a minute at the most. */
export function diagnoseReopened(id: number): Statement {
  return {
    text: `update incidents set diagnosis_due = true where id = $1 and (flaps < 3 or not exists (
      select 1 from runs where incident_id = $1 and kind = 'diagnosis' and started_at > now() - interval '1 minute'))`,
    values: [id],
  };
}

export async function countDueDiagnoses(tx: Tx): Promise<number> {
  const { rows } = await tx.query<{ n: number }>(
    'select count(*)::int as n from incidents where diagnosis_due',
  );
  return rows[0]?.n ?? 0;
}
