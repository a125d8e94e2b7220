/** The claim that comes before any action, and the last look right before its irreversible call. */
import { whyNotStart } from '../../domain/decide.ts';
import { rulesOf } from '../../domain/organisation.ts';
import { dbNow } from '../../journal/clock.ts';
import { insertExecution, moveExecution, renewLease, runActionStep } from '../../journal/executions.ts';
import { isHalted } from '../../journal/halts.ts';
import { lockIncident, nextId } from '../../journal/incidents.ts';
import { lockRequest, moveRequest, type RequestRow } from '../../journal/requests.ts';
import { type RunRow, readRun } from '../../journal/runs.ts';
import { type ActionStepRow, cancelStep, readStep } from '../../journal/steps.ts';
import { dropTimer } from '../../journal/timers.ts';
import type { Engine } from '../core/engine.ts';
import { runMessage } from '../core/messages.ts';
import { perform } from '../core/perform.ts';
import { advanceRun, overview } from '../runs/advance-run.ts';
import { planStep } from './plan-step.ts';
import { whyRequestUnproven, whyStepUnproven } from './prove.ts';
import { resolveNow } from './resolve-now.ts';
import { raiseTampering } from './tampering.ts';
import { emergencyOf, viewRequest } from './view-request.ts';

export interface Claim {
  readonly executionId: number;
  readonly step: ActionStepRow;
  readonly run: RunRow;
  /** Null for a safe step. */
  readonly request: RequestRow | null;
}

/** What came of trying; null: there is nothing to do, or somebody else does it. */
type Claiming = { readonly claim: Claim } | { readonly unproven: string } | 'plan first' | null;

/** Null when nothing may be done here. Of any number of workers one gets the claim. */
export async function claimExecution(engine: Engine, stepId: number): Promise<Claim | null> {
  const claiming = await tryClaim(engine, stepId);
  if (claiming === null) return null;
  if (claiming === 'plan first') await planStep(engine, stepId);
  else if ('unproven' in claiming) await raiseTampering(engine, stepId, claiming.unproven);
  else return claiming.claim;
  return null;
}

function tryClaim(engine: Engine, stepId: number): Promise<Claiming> {
  return perform(engine, async (draft): Promise<Claiming> => {
    const seen = await readStep(draft.tx, stepId);
    const run = seen === null ? null : await readRun(draft.tx, seen.runId);
    if (run === null || engine.settings.mode === 'observe') return null;
    const incident = run.incidentId === null ? null : await lockIncident(draft.tx, run.incidentId);
    const request = await lockRequest(draft.tx, { stepId });
    const step = await readStep(draft.tx, stepId);
    if (step === null || step.type !== 'action' || !step.due) return null;
    if (step.state !== 'pending' && step.state !== 'waiting') return null;
    const unproven =
      (await whyStepUnproven(engine, draft.tx, run, step)) ??
      (request === null ? null : await whyRequestUnproven(engine, draft.tx, run, request)) ??
      ((request === null) === (step.state === 'pending') ? null : 'nobody was asked for a decision');
    if (unproven !== null) return { unproven };
    if (request === null && resolveNow(engine, run, step).danger !== 'safe') return 'plan first';
    if (await isHalted(draft.tx)) return null;
    draft.want(runMessage(engine, run, `step-${stepId}`, 'urgent'), overview(engine, run));
    if (request !== null) {
      if (request.state !== 'approved' || request.startBy === null) return null;
      const view = viewRequest(engine, request, incident);
      const refusal = whyNotStart(view, await dbNow(draft.tx), rulesOf(engine.catalog.organisation));
      if (refusal !== null) {
        const why = refusal.word === 'expired' ? 'it was not started in time' : refusal.sentence;
        await draft.write(moveRequest(request.id, ['approved'], 'expired', { reason: why }));
        await draft.write(dropTimer('request.start', request.id));
        await draft.write(cancelStep(stepId, ['waiting'], { how: 'cancelled', why: refusal.sentence }));
        draft.event(run.incidentId, 'pageturner', `STEP-${stepId} does not start: ${refusal.sentence}`);
        draft.audit({
          kind: 'request.expired',
          actor: 'pageturner',
          subject: `STEP-${stepId}`,
          payload: { digest: request.digest, why },
        });
        await advanceRun(engine, draft, run.id);
        return null;
      }
      await draft.write(dropTimer('request.start', request.id));
    }
    const executionId = await nextId(draft.tx, 'executions');
    const digest = request?.digest ?? 'safe';
    await draft.write(
      insertExecution({
        id: executionId,
        stepId,
        requestId: request?.id ?? null,
        digest,
        worker: engine.worker,
      }),
    );
    await draft.write(runActionStep(stepId, engine.worker, engine.settings.leaseMs));
    draft.audit({
      kind: 'execution.claimed',
      actor: engine.worker,
      subject: `STEP-${stepId}`,
      payload: {
        digest,
        execution: executionId,
        ...(request === null ? {} : emergencyOf(request, incident)),
      },
    });
    return { claim: { executionId, step, run, request } };
  });
}

/**
 * Right before the irreversible call: the lease is still ours, nothing is halted, and the phase `acting` with its audit
 * row is committed. @throws otherwise; nothing may be done then.
 */
export function confirmStillAllowed(engine: Engine, claim: Claim, digest: string): Promise<void> {
  return perform(engine, async (draft) => {
    if (await isHalted(draft.tx)) throw new Error('Everything was halted meanwhile');
    await draft.write(renewLease(claim.step.id, engine.worker, engine.settings.leaseMs));
    await draft.write(moveExecution(claim.executionId, ['preparing'], 'acting'));
    draft.audit({
      kind: 'execution.acting',
      actor: engine.worker,
      subject: `STEP-${claim.step.id}`,
      payload: { digest, execution: claim.executionId },
    });
  });
}
