/** What only a person can do: a step that waits until somebody says that it is done. */
import { stepId as stepName } from '../../domain/ids.ts';
import { lockRun } from '../../journal/runs.ts';
import { findTask, moveStep, readStep } from '../../journal/steps.ts';
import type { Answer } from '../core/answer.ts';
import { notAMember } from '../core/authority.ts';
import type { Engine } from '../core/engine.ts';
import { perform } from '../core/perform.ts';
import { advanceRun, overview } from './advance-run.ts';

/** Its turn has come: the thread shows it, with a button. */
export async function askTask(engine: Engine, stepId: number): Promise<void> {
  await perform(engine, async (draft) => {
    const step = await readStep(draft.tx, stepId);
    const run = step === null ? null : await lockRun(draft.tx, step.runId);
    if (step?.state !== 'pending' || run?.state !== 'running') return;
    await draft.write(moveStep(stepId, ['pending'], 'waiting'));
    draft.want({ ...overview(engine, run), urgent: true });
  });
}

/** Any member may say so; who did, and when, is in the thread and in the audit log. */
export async function finishTask(
  engine: Engine,
  by: { readonly token: string } | { readonly stepId: number },
  person: string,
): Promise<Answer> {
  const refused = await notAMember(engine, person);
  if (refused !== null) return refused;
  return perform(engine, async (draft): Promise<Answer> => {
    const task = await findTask(draft.tx, by);
    if (task === null) return { ok: false, text: 'This is an unknown request: there is no such task.' };
    const run = await lockRun(draft.tx, task.runId);
    const step = await readStep(draft.tx, task.id);
    if (run === null || step === null) return { ok: false, text: 'This is an unknown request.' };
    const name = stepName(step.id);
    if (step.state === 'pending')
      return { ok: false, text: `${name} is not due yet: a step before it goes on.` };
    if (step.state !== 'waiting')
      return { ok: false, text: `${name} was already decided: it is ${step.state}.` };
    const result = { doneBy: person, at: new Date().toISOString() };
    await draft.write(moveStep(step.id, ['waiting'], 'running'));
    await draft.write(moveStep(step.id, ['running'], 'succeeded', result));
    draft.event(run.incidentId, person, `did ${name}`);
    draft.audit({
      kind: 'task.done',
      actor: person,
      subject: name,
      payload: { run: run.id, task: step.definition },
    });
    await advanceRun(engine, draft, run.id);
    return { ok: true, text: `${name} is done.` };
  });
}
