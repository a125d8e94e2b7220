/** What follows from a run, beside which of its steps is next: one rule each, for the engine and for played tests. */
import { type IncidentState, isStepwise, type RunKind, type RunState, type StepState } from './lives.ts';
import type { ProbeState } from './probe.ts';
import type { RecoverOption } from './runbook.ts';

/** How long a question goes on being asked: a diagnosis asks once. */
export const patienceMs = (kind: RunKind, withinMs: number): number => (kind === 'diagnosis' ? 0 : withinMs);

/** In a diagnosis any answer is good; elsewhere the step waits for the one that is wanted. */
export const isGoodAnswer = (kind: RunKind, state: ProbeState): boolean =>
  kind === 'diagnosis' || state === 'up';

/** The same of a condition: in a diagnosis it is enough to know. */
export const isGoodReading = (kind: RunKind, holds: boolean | null): boolean =>
  kind === 'diagnosis' ? holds !== null : holds === false;

/** Something was done by it, or may have been. */
export const hasDone = ({ type, state }: { readonly type: string; readonly state: StepState }): boolean =>
  (type === 'action' || type === 'task') && (state === 'succeeded' || state === 'interrupted');

interface Ended {
  readonly kind: RunKind;
  readonly state: RunState;
  /** It brings back what another one removed: no check of the incident follows it. */
  readonly isUndo: boolean;
}

/** After a run in which something was done, whatever came of it, it is read how things are now. */
export function isCheckedAfter(
  { kind, state, isUndo }: Ended,
  steps: readonly { readonly type: string; readonly state: StepState }[],
): boolean {
  if (!isStepwise(kind) || isUndo || state === 'running' || state === 'cancelled') return false;
  return steps.some(hasDone);
}

/** The alert has asked: options that say so, when the bot's own diagnosis shows the condition. */
export function proposedOptions(
  recover: readonly RecoverOption[],
  incident: IncidentState,
  holds: boolean | null,
): readonly RecoverOption[] {
  if (incident === 'resolved' || incident === 'mitigated' || holds !== true) return [];
  return recover.filter(({ propose }) => propose);
}

/** An alert asks for an option once; a person's diagnosis asks again, but not beside a run that goes on. */
export const isProposedAgain = (last: { readonly state: RunState } | null, byAlert: boolean): boolean =>
  last === null || (!byAlert && last.state !== 'running');
