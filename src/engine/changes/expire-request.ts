/** A request nobody decided on, or an approval nobody used, in time. */

import { lockIncident } from '../../journal/incidents.ts';
import { lockRequest, moveRequest, stepOfRequest } from '../../journal/requests.ts';
import { readRun } from '../../journal/runs.ts';
import { cancelStep, readStep } from '../../journal/steps.ts';
import { dropTimer } from '../../journal/timers.ts';
import type { Engine } from '../core/engine.ts';
import { runMessage } from '../core/messages.ts';
import { perform } from '../core/perform.ts';
import { stopEscalation } from '../escalation/escalate.ts';
import { advanceRun } from '../runs/advance-run.ts';

/** Does nothing when it was decided, or used, after all. */
export async function expireRequest(
  engine: Engine,
  kind: 'request.decide' | 'request.start',
  requestId: number,
): Promise<void> {
  await perform(engine, async (draft) => {
    await draft.write(dropTimer(kind, requestId));
    const stepId = await stepOfRequest(draft.tx, { id: requestId });
    const step = stepId === null ? null : await readStep(draft.tx, stepId);
    const run = step === null ? null : await readRun(draft.tx, step.runId);
    if (step === null || run === null) return;
    if (run.incidentId !== null) await lockIncident(draft.tx, run.incidentId);
    const request = await lockRequest(draft.tx, { stepId: step.id });
    const from = kind === 'request.decide' ? 'open' : 'approved';
    if (request?.state !== from || (await readStep(draft.tx, step.id))?.state !== 'waiting') return;
    const why = from === 'open' ? 'nobody decided in time' : 'the approval was not used in time';
    await draft.write(moveRequest(request.id, [from], 'expired', { reason: why }));
    await draft.write(cancelStep(step.id, ['waiting'], { how: 'cancelled', why }));
    draft.event(run.incidentId, 'pageturner', `STEP-${step.id} expired: ${why}`);
    draft.audit({
      kind: 'request.expired',
      actor: 'pageturner',
      subject: `STEP-${step.id}`,
      payload: { digest: request.digest, why },
    });
    draft.want(runMessage(engine, run, `step-${step.id}`, 'urgent'));
    await stopEscalation(engine, draft, 'request', request.id);
    await advanceRun(engine, draft, run.id);
  });
}
