/** A journal that says what the bot didn't write: nothing of it runs, and everybody is told. */

import { TAMPERED } from '../../journal/audit-chain.ts';
import { lockIncident } from '../../journal/incidents.ts';
import { lockRequest, moveRequest } from '../../journal/requests.ts';
import { readRun } from '../../journal/runs.ts';
import { moveStep, readStep } from '../../journal/steps.ts';
import { dropTimer } from '../../journal/timers.ts';
import type { Engine } from '../core/engine.ts';
import { runMessage } from '../core/messages.ts';
import { type Draft, perform } from '../core/perform.ts';
import { sayTampered } from '../core/tampered.ts';
import { stopEscalation } from '../escalation/escalate.ts';
import { advanceRun, overview } from '../runs/advance-run.ts';

/** Ends the step and its request, in its thread, in the audit log and on /readyz. */
export async function raiseTampering(engine: Engine, stepId: number, why: string): Promise<void> {
  engine.log.error({ step: stepId, why }, 'the journal was tampered with');
  try {
    await perform(engine, (draft) => write(engine, draft, stepId, why, true));
  } catch (error) {
    // Whoever has written into the audit log has perhaps broken it: the thread says so all the same.
    engine.log.error(
      { err: error, step: stepId },
      'the audit log can’t say that the journal was tampered with',
    );
    await perform(engine, (draft) => write(engine, draft, stepId, why, false));
  }
}

async function write(
  engine: Engine,
  draft: Draft,
  stepId: number,
  why: string,
  isAudited: boolean,
): Promise<void> {
  const seen = await readStep(draft.tx, stepId);
  const run = seen === null ? null : await readRun(draft.tx, seen.runId);
  if (run === null) return;
  if (run.incidentId !== null) await lockIncident(draft.tx, run.incidentId);
  const request = await lockRequest(draft.tx, { stepId });
  const step = await readStep(draft.tx, stepId);
  if (step === null || (step.state !== 'pending' && step.state !== 'waiting')) return;
  const sentence = sayTampered(why);
  await draft.write(moveStep(stepId, [step.state], 'failed', { refused: sentence }));
  if (request !== null && (request.state === 'open' || request.state === 'approved')) {
    await draft.write(moveRequest(request.id, [request.state], 'cancelled', { reason: sentence }));
    await draft.write(dropTimer('request.decide', request.id));
    await draft.write(dropTimer('request.start', request.id));
    await stopEscalation(engine, draft, 'request', request.id);
  }
  draft.event(run.incidentId, 'pageturner', `STEP-${stepId} does not start: ${sentence}`);
  if (isAudited)
    draft.audit({ kind: TAMPERED, actor: 'pageturner', subject: `STEP-${stepId}`, payload: { why } });
  draft.want(runMessage(engine, run, `step-${stepId}`, 'urgent'), overview(engine, run));
  await advanceRun(engine, draft, run.id);
}
