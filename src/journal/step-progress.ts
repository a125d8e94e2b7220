/** How far a step is, while it goes on. */
import type { Tx } from './open-journal.ts';

/** What is said of a step while it goes on. */
export interface StepProgress {
  readonly line: string;
  /** Of a wait: when it ends at the latest, ISO 8601. */
  readonly until: string | null;
}

/**
 * Says how far a step is, and that its worker lives. False: the step is no longer this worker's, and its work is to end.
 */
export async function reportProgress(
  tx: Tx,
  id: number,
  worker: string,
  leaseMs: number,
  progress: StepProgress | null,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update steps set progress = coalesce($4, progress), lease_until = greatest(lease_until, now() + make_interval(secs => $3))
     where id = $1 and claimed_by = $2 and state = 'running'`,
    [id, worker, leaseMs / 1000, progress === null ? null : JSON.stringify(progress)],
  );
  return rowCount === 1;
}
