/** Somebody wants back what a step removed: that asks, with a plan and an approval of its own. */
import { stepId as stepName } from '../../domain/ids.ts';
import type { Step } from '../../domain/runbook.ts';
import { isHalted } from '../../journal/halts.ts';
import { lockIncident } from '../../journal/incidents.ts';
import { readRun } from '../../journal/runs.ts';
import { readStep } from '../../journal/steps.ts';
import type { Answer } from '../core/answer.ts';
import { askedTwice } from '../core/asking.ts';
import { notAMember } from '../core/authority.ts';
import { pinnedRunbook } from '../core/definitions.ts';
import type { Engine } from '../core/engine.ts';
import { perform } from '../core/perform.ts';
import { overview, UNDO_OPTION } from '../runs/advance-run.ts';
import { startRun } from '../runs/start-run.ts';
import { UNDO } from './undo-action.ts';

export async function askUndo(
  engine: Engine,
  ask: { readonly stepId: number; readonly person: string; readonly askedKey: string },
): Promise<Answer> {
  const refused = await notAMember(engine, ask.person);
  if (refused !== null) return refused;
  return perform(engine, async (draft): Promise<Answer> => {
    const step = await readStep(draft.tx, ask.stepId);
    const run = step === null ? null : await readRun(draft.tx, step.runId);
    const name = stepName(ask.stepId);
    if (step === null || run === null || step.type !== 'action')
      return { ok: false, text: `This is an unknown request: there is no ${name} that did anything.` };
    if (await isHalted(draft.tx))
      return { ok: false, text: 'Everything is halted: a tech lead must lift it first.' };
    if (await askedTwice(draft, ask.askedKey))
      return { ok: false, text: 'This was already decided upon: it was sent twice.' };
    const done = step.definition;
    const undo: Step = {
      type: 'action',
      key: UNDO_OPTION,
      title: `Undo of ${name}`,
      action: UNDO,
      service: done.service,
      settings: { step: step.id },
      danger: null,
      timeoutMs: done.timeoutMs,
    };
    const incident = run.incidentId === null ? null : await lockIncident(draft.tx, run.incidentId);
    const isOpen = incident !== null && incident.state !== 'resolved';
    const title = `Undo of ${name}: ${run.title}`;
    const { runId } = await startRun(engine, draft, {
      incidentId: isOpen ? incident.id : null,
      kind: 'operation',
      runbook: await pinnedRunbook(draft.tx, run.definitionHash),
      askedBy: ask.person,
      askedKey: ask.askedKey,
      optionKey: UNDO_OPTION,
      steps: [undo],
      title,
    });
    if (isOpen) draft.event(incident.id, ask.person, `asked for the undo of ${name}`);
    draft.want(overview(engine, { id: runId, incidentId: isOpen ? incident.id : null, afterRun: null }));
    return { ok: true, text: `The undo of ${name} is being planned.` };
  });
}
