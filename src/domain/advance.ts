/** What comes next in a run: one pure function of its steps. */
import { hasEnded, isStepwise, type RunKind, type RunState, type StepState } from './lives.ts';

export interface StepView {
  readonly id: number;
  readonly position: number;
  readonly state: StepState;
  readonly due: boolean;
  /** Another step, with a new plan, has taken its place. */
  readonly replaced: boolean;
  readonly key?: string;
  /** The step before it that it takes back, by its key. */
  readonly resumes?: string | null;
}

/** What a step's definition says of itself and of the steps before it. */
export const linksOf = ({
  key,
  resumes,
}: {
  readonly key: string;
  readonly resumes?: string;
}): Pick<StepView, 'key' | 'resumes'> => ({ key, resumes: resumes ?? null });

export interface Advance {
  /** Pending steps whose turn it is. */
  readonly due: readonly number[];
  /** Pending steps that will not run, as one before them did not succeed. */
  readonly skip: readonly number[];
  readonly state: RunState;
}

/**
 * Diagnosis and verification run side by side and end when every step has; a recovery or an operation goes step by step and ends
 * with the first that does not succeed; what such a step leaves stopped is still offered to be started again.
 */
export function advance(kind: RunKind, steps: readonly StepView[]): Advance {
  const ordered = steps.filter((step) => !step.replaced).sort((a, b) => a.position - b.position);
  const ended = ordered.every((step) => hasEnded(step.state));
  if (!isStepwise(kind)) {
    const due = ordered.filter((step) => step.state === 'pending' && !step.due).map((step) => step.id);
    const good = ordered.every((step) => step.state === 'succeeded');
    return { due, skip: [], state: ended ? (good ? 'succeeded' : 'failed') : 'running' };
  }
  const current = ordered.find((step) => step.state !== 'succeeded');
  if (current === undefined) return { due: [], skip: [], state: 'succeeded' };
  if (current.state === 'pending')
    return { due: current.due ? [] : [current.id], skip: [], state: 'running' };
  if (!hasEnded(current.state)) return { due: [], skip: [], state: 'running' };
  const state = current.state === 'cancelled' ? 'cancelled' : 'failed';
  const owed = ordered.filter((step) => !hasEnded(step.state) && takesBack(step, ordered));
  const skip = ordered.filter((step) => step.state === 'pending' && !owed.includes(step)).map(({ id }) => id);
  const [next] = owed;
  if (next === undefined) return { due: [], skip, state };
  return { due: next.state === 'pending' && !next.due ? [next.id] : [], skip, state: 'running' };
}

/** What it takes back was done, or may have been. */
function takesBack({ resumes, position }: StepView, all: readonly StepView[]): boolean {
  if (resumes === undefined || resumes === null) return false;
  return all.some(
    (step) =>
      step.key === resumes &&
      step.position < position &&
      (step.state === 'succeeded' || step.state === 'interrupted'),
  );
}
