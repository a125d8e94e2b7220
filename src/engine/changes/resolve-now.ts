/** A step as the catalog and the kind of the moment have it; its danger is never less than it was when it was written. */
import { type ActionKind, highest } from '../../domain/action.ts';
import { type ResolvedAction, resolveAction } from '../../domain/resolve-step.ts';
import type { RunRow } from '../../journal/runs.ts';
import type { ActionStepRow } from '../../journal/steps.ts';
import { findSystem } from '../core/definitions.ts';
import type { Engine } from '../core/engine.ts';
import { allActionKinds } from './undo-action.ts';

export const systemOf = (run: Pick<RunRow, 'runbookId'>): string => run.runbookId.split('/')[0] ?? '';

export function resolveNow(engine: Engine, run: RunRow, step: ActionStepRow): ResolvedAction<ActionKind> {
  const system = systemOf(run);
  const kinds = { probeKinds: engine.probeKinds, actionKinds: allActionKinds(engine) };
  const services = findSystem(engine, system)?.services ?? [];
  const resolved = resolveAction(step.definition, { system, services, kinds });
  return { ...resolved, danger: highest(resolved.danger, step.danger) };
}
