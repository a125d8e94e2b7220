/** A worker that died in the middle of an action: the action is never tried again by itself; a person decides. */
import { lockLostExecution, moveExecution } from '../../journal/executions.ts';
import { readRun } from '../../journal/runs.ts';
import { moveStep, readStep } from '../../journal/steps.ts';
import type { Engine } from '../core/engine.ts';
import { runMessage } from '../core/messages.ts';
import { perform } from '../core/perform.ts';
import { advanceRun } from '../runs/advance-run.ts';

/** Does nothing when the worker lives after all, or another process was first. */
export async function interruptExecution(engine: Engine, executionId: number, stepId: number): Promise<void> {
  await perform(engine, async (draft) => {
    const lost = await lockLostExecution(draft.tx, executionId);
    const step = await readStep(draft.tx, stepId);
    if (lost === null || step === null) return;
    const run = await readRun(draft.tx, step.runId);
    const why =
      lost.phase === 'preparing'
        ? 'the worker died while preparing: the irreversible call had not begun'
        : 'the worker died in the middle: nobody knows whether it happened';
    await draft.write(moveExecution(executionId, [lost.phase], 'interrupted', { kind: 'interrupted', why }));
    await draft.write(moveStep(stepId, ['running'], 'interrupted', { kind: 'interrupted', why }));
    draft.audit({
      kind: 'execution.interrupted',
      actor: 'pageturner',
      subject: `STEP-${stepId}`,
      payload: { execution: executionId, worker: lost.worker, why },
    });
    if (run === null) return;
    draft.event(
      run.incidentId,
      'pageturner',
      `STEP-${stepId} was interrupted: ${why}. It is not tried again by itself.`,
    );
    draft.want(runMessage(engine, run, `step-${stepId}`, 'urgent'));
    await advanceRun(engine, draft, run.id);
  });
}
