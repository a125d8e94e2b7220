/** How many people must approve a plan. */
import type { ActionKind, UndoPlan } from './action.ts';
import type { ActionStep } from './runbook.ts';
import type { Environment } from './target.ts';

/** The step may ask for more than the kind does without an undo, and the kind for more than the step. */
export function quorumOf(
  kind: Pick<ActionKind, 'approvalsWithoutUndo'>,
  step: Pick<ActionStep, 'approvals'>,
  undo: UndoPlan,
  environment: Environment,
): number {
  const ofKind = undo.kind === 'none' ? (kind.approvalsWithoutUndo?.[environment] ?? 1) : 1;
  return Math.max(ofKind, step.approvals?.[environment] ?? 1);
}
