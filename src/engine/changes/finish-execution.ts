/** What became of an execution is written once, and the run goes on from it. */
import type { ItemOutcome } from '../../domain/action.ts';
import { isLongerThanShown } from '../../domain/step-output.ts';
import { moveExecution } from '../../journal/executions.ts';
import { keepOutput } from '../../journal/outputs.ts';
import { moveRequest } from '../../journal/requests.ts';
import { insertSteps, moveStep, replaceStep } from '../../journal/steps.ts';
import type { Engine } from '../core/engine.ts';
import { runMessage } from '../core/messages.ts';
import { type Draft, perform } from '../core/perform.ts';
import { advanceRun } from '../runs/advance-run.ts';
import type { Claim } from './claim-execution.ts';

export type Ending =
  | {
      readonly kind: 'succeeded' | 'failed';
      readonly why: string;
      readonly items: readonly ItemOutcome[];
      /** Everything that was printed or read; kept beside the outcome. */
      readonly output?: string;
    }
  | { readonly kind: 'superseded'; readonly differs: readonly string[] }
  | { readonly kind: 'interrupted'; readonly why: string };

export function finishExecution(engine: Engine, claim: Claim, ending: Ending): Promise<void> {
  const { output, ...rest } = { output: undefined, ...engine.redact(ending) };
  return perform(engine, async (draft) => {
    if (output !== undefined) await draft.write(keepOutput(claim.step.id, output));
    const end = output === undefined ? {} : { outputEnd: output.slice(-OUTPUT_END) };
    await writeEnding(engine, draft, claim, rest, end);
    if (output !== undefined && isLongerThanShown('action', output))
      draft.want(runMessage(engine, claim.run, `output-${claim.step.id}`));
  });
}

/** Characters of output that are kept with the step, for the thread. */
const OUTPUT_END = 4000;

async function writeEnding(
  engine: Engine,
  draft: Draft,
  claim: Claim,
  ending: Ending,
  end: { readonly outputEnd?: string },
): Promise<void> {
  const { step, run, request, executionId } = claim;
  const phase = ending.kind === 'interrupted' ? 'interrupted' : 'done';
  await draft.write(moveExecution(executionId, ['preparing', 'acting'], phase, ending));
  draft.audit({
    kind: `execution.${ending.kind}`,
    actor: engine.worker,
    subject: `STEP-${step.id}`,
    payload: { execution: executionId, digest: request?.digest ?? 'safe', ending },
  });
  draft.want(runMessage(engine, run, `step-${step.id}`, 'urgent'));
  switch (ending.kind) {
    case 'succeeded':
    case 'failed':
      await draft.write(moveStep(step.id, ['running'], ending.kind, { ...ending, ...end }));
      draft.event(run.incidentId, 'pageturner', `STEP-${step.id} ${ending.kind}: ${ending.why}`);
      break;
    case 'interrupted':
      await draft.write(moveStep(step.id, ['running'], 'interrupted', ending));
      draft.event(
        run.incidentId,
        'pageturner',
        `STEP-${step.id} was interrupted: nobody knows whether it happened. A person must look.`,
      );
      break;
    case 'superseded': {
      if (request !== null) {
        await draft.write(
          moveRequest(request.id, ['approved'], 'superseded', { reason: ending.differs.join('; ') }),
        );
      }
      await draft.write(moveStep(step.id, ['running'], 'skipped', ending));
      const again = { type: 'action' as const, danger: step.danger, definition: step.definition, due: true };
      const [next] = await insertSteps(draft.tx, engine.auditKey, run.id, step.position, [again]);
      if (next !== undefined) {
        await draft.write(replaceStep(step.id, next));
        draft.wake([next]);
      }
      draft.event(
        run.incidentId,
        'pageturner',
        `STEP-${step.id} was superseded: ${ending.differs.join('; ')}. Nothing was done.`,
      );
      break;
    }
    default:
      ending satisfies never;
  }
  await advanceRun(engine, draft, run.id);
}
