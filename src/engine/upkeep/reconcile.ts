/** What makes the loss of the queue, of a worker or of a wake harmless: the journal says what is due. */

import { lockLostExecution, lostExecutions, moveExecution } from '../../journal/executions.ts';
import { overdueHealthParts } from '../../journal/health.ts';
import { readIncident } from '../../journal/incidents.ts';
import { releaseProbeSteps } from '../../journal/probe-steps.ts';
import { lockRequest, moveRequest, stepOfRequest } from '../../journal/requests.ts';
import { readRun } from '../../journal/runs.ts';
import { cancelStep, moveStep, readStep, wakeOverdue } from '../../journal/steps.ts';
import { dropTimer, dueTimers, type TimerKind } from '../../journal/timers.ts';
import type { Engine } from '../core/engine.ts';
import { runMessage } from '../core/messages.ts';
import { perform } from '../core/perform.ts';
import {
  escalateIncident,
  remindOfRequest,
  startLeftEscalations,
  stopEscalation,
} from '../escalation/escalate.ts';
import { sendPages } from '../escalation/send-pages.ts';
import { startLeftDiagnoses } from '../incidents/start-diagnosis.ts';
import { keepStorms } from '../intake/keep-storms.ts';
import { watchAbsences } from '../intake/watch-absences.ts';
import { maintenanceIsOver } from '../maintenance/maintain.ts';
import { setSilences } from '../maintenance/set-silences.ts';
import { advanceRun } from '../runs/advance-run.ts';

/** How long a woken step may stay untouched before it is woken again. */
const WAKE_AGAIN_MS = 5000;

/** One pass; cheap when there is nothing to do. */
export async function reconcile(engine: Engine): Promise<void> {
  const { pool } = engine.journal;
  for (const timer of await dueTimers(pool)) await onTimer(engine, timer.kind, timer.subject);
  await sendPages(engine);
  await setSilences(engine);
  for (const lost of await lostExecutions(pool)) await interrupt(engine, lost.id, lost.stepId);
  const released = await releaseProbeSteps(pool);
  const overdue = await wakeOverdue(pool, WAKE_AGAIN_MS);
  const wakes = [...released, ...overdue];
  if (wakes.length > 0) await engine.waker.steps(wakes);
  await watchAbsences(engine);
  const parts = await overdueHealthParts(pool, WAKE_AGAIN_MS);
  if (parts.length > 0) await engine.waker.health(parts);
  await keepStorms(engine);
  await startLeftDiagnoses(engine);
  await startLeftEscalations(engine);
}

function onTimer(engine: Engine, kind: TimerKind, subject: number): Promise<void> {
  switch (kind) {
    case 'request.decide':
    case 'request.start':
      return expire(engine, kind, subject);
    case 'request.remind':
      return remindOfRequest(engine, subject);
    case 'incident.escalate':
      return escalateIncident(engine, subject);
    case 'maintenance.end':
      return maintenanceIsOver(engine, subject);
    default:
      return kind satisfies never;
  }
}

/** A request nobody decided on, or an approval nobody used, in time. */
async function expire(engine: Engine, kind: TimerKind, requestId: number): Promise<void> {
  await perform(engine, async (draft) => {
    await draft.write(dropTimer(kind, requestId));
    const stepId = await stepOfRequest(draft.tx, { id: requestId });
    const step = stepId === null ? null : await readStep(draft.tx, stepId);
    const run = step === null ? null : await readRun(draft.tx, step.runId);
    if (step === null || run === null) return;
    if (run.incidentId !== null) await readIncident(draft.tx, run.incidentId, true);
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
    draft.want(runMessage(engine, run, `step-${step.id}`, true));
    await stopEscalation(engine, draft, 'request', request.id);
    await advanceRun(engine, draft, run.id);
  });
}

/** A worker that died in the middle: never again by itself; checks run, and a person decides. */
async function interrupt(engine: Engine, executionId: number, stepId: number): Promise<void> {
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
    draft.want(runMessage(engine, run, `step-${stepId}`, true));
    await advanceRun(engine, draft, run.id);
  });
}
