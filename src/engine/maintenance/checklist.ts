/** The checklist of a maintenance: the tasks of the runbook that is named so, or those of the page. */
import { type ChecklistPart, checklistFrom } from '../../domain/maintenance.ts';
import type { Engine } from '../core/engine.ts';

const RUNBOOK = 'butler/maintenance';

export function checklistOf({ catalog }: Pick<Engine, 'catalog'>): readonly ChecklistPart[] {
  const runbook = catalog.systems.flatMap(({ runbooks }) => runbooks).find(({ id }) => id === RUNBOOK);
  const tasks = (runbook?.steps ?? []).flatMap((step) =>
    step.type === 'task' ? [{ key: step.key, label: step.title ?? step.task }] : [],
  );
  return checklistFrom(tasks);
}
