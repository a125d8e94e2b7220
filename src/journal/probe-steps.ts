/** Read-only steps: taken by a worker for its lease, ended, given back, and released when that worker died. */
import type { ProbeResult } from '../domain/probe.ts';
import type { ConditionResult } from '../domain/step-result.ts';
import type { Statement } from './commit.ts';
import type { Tx } from './open-journal.ts';
import { type CheckStepRow, isCheck, STEP_COLUMNS, type StoredStep, toStep, type Wake } from './steps.ts';

/** Read-only steps are taken by one worker for its lease; taken again after the lease if that worker died. */
export async function claimProbeSteps(
  tx: Tx,
  ids: readonly number[],
  worker: string,
  leaseMs: number,
): Promise<readonly CheckStepRow[]> {
  const { rows } = await tx.query<StoredStep>(
    `update steps set state = 'running', claimed_by = $2, lease_until = now() + make_interval(secs => $3),
       started_at = coalesce(started_at, now())
     where id = any($1) and state = 'pending' and due_at <= now() and type in ('probe', 'condition')
     returning ${STEP_COLUMNS}`,
    [ids, worker, leaseMs / 1000],
  );
  return rows.map(toStep).filter(isCheck);
}

export interface StepEnd {
  readonly id: number;
  readonly state: 'succeeded' | 'failed';
  readonly result: ProbeResult | ConditionResult;
}

/** Ends those that are still under way; the ids of those. An abort, or the end of an incident, may have come first. */
export async function endProbeSteps(tx: Tx, ends: readonly StepEnd[]): Promise<ReadonlySet<number>> {
  const { rows } = await tx.query<{ id: number }>(
    `update steps set state = e.state, result = e.result, due_at = null, lease_until = null, ended_at = now()
     from unnest($1::bigint[], $2::text[], $3::json[]) as e(id, state, result)
     where steps.id = e.id and steps.state = 'running' returning steps.id::float8 as id`,
    [
      ends.map(({ id }) => id),
      ends.map(({ state }) => state),
      ends.map(({ result }) => JSON.stringify(result)),
    ],
  );
  return new Set(rows.map(({ id }) => id));
}

/** A step its worker can't finish: anyone may take it now. */
export function giveBackStep(id: number, worker: string): Statement {
  return {
    text: `update steps set state = 'pending', attempt = attempt + 1, due_at = now(), woken_at = null, lease_until = null
      where id = $1 and claimed_by = $2 and state = 'running'`,
    values: [id, worker],
  };
}

/** Read-only steps whose worker died: anyone may take them again. */
export async function releaseProbeSteps(tx: Tx): Promise<readonly Wake[]> {
  const { rows } = await tx.query<Wake>(
    `update steps set state = 'pending', attempt = attempt + 1, wake = wake + 1, woken_at = now(), due_at = now(),
       lease_until = null
     where id in (select id from steps where state = 'running' and type in ('probe', 'condition') and lease_until < now()
       limit 500 for update skip locked)
     returning id::float8 as id, attempt, wake, type`,
  );
  return rows;
}
