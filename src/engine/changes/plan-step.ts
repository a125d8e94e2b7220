/** A step's turn has come: what it would do is worked out from the live target, and a decision is asked for. */
import { randomBytes } from 'node:crypto';
import { highest, isRefused, type Plan, type Refused } from '../../domain/action.ts';
import { isEmergency } from '../../domain/change-rules.ts';
import { planDigest } from '../../domain/plan-digest.ts';
import { resolveAction } from '../../domain/resolve-step.ts';
import { nextId, readIncident } from '../../journal/incidents.ts';
import { insertRequest } from '../../journal/requests.ts';
import { type RunRow, readRun } from '../../journal/runs.ts';
import { type ActionStepRow, cancelStep, moveStep, readStep } from '../../journal/steps.ts';
import { setTimer } from '../../journal/timers.ts';
import { findSystem } from '../core/definitions.ts';
import type { Engine } from '../core/engine.ts';
import { runMessage } from '../core/messages.ts';
import { perform } from '../core/perform.ts';
import { startReminder } from '../escalation/escalate.ts';
import { advanceRun, overview } from '../runs/advance-run.ts';
import { planResolved } from './make-plan.ts';
import { allActionKinds } from './undo-action.ts';
import { emergencyOf, whyBarred } from './view-request.ts';

/** As the catalog of the moment has it; its danger is never less than it was when the run began. */
export async function makePlan(engine: Engine, run: RunRow, step: ActionStepRow): Promise<Plan | Refused> {
  const system = run.runbookId.split('/')[0] ?? '';
  const kinds = { probeKinds: engine.probeKinds, actionKinds: allActionKinds(engine) };
  const services = findSystem(engine, system)?.services ?? [];
  const resolved = resolveAction(step.definition, { system, services, kinds });
  return planResolved(engine, system, { ...resolved, danger: highest(resolved.danger, step.danger) });
}

export async function planStep(engine: Engine, stepId: number): Promise<void> {
  const step = await readStep(engine.journal.pool, stepId);
  if (step?.type !== 'action' || step.state !== 'pending') return;
  const run = await readRun(engine.journal.pool, step.runId);
  if (run === null) return;
  const made = await makePlan(engine, run, step);
  await perform(engine, async (draft) => {
    const incident = run.incidentId === null ? null : await readIncident(draft.tx, run.incidentId, true);
    const now = await readStep(draft.tx, stepId);
    if (now === null || now.state !== 'pending') return;
    draft.want(runMessage(engine, run, `step-${stepId}`, true), overview(engine, run));
    if (incident?.state === 'resolved') {
      await draft.write(
        cancelStep(stepId, ['pending'], { how: 'cancelled', why: 'the incident was resolved' }),
      );
      return advanceRun(engine, draft, step.runId);
    }
    const bar = isRefused(made)
      ? null
      : await whyBarred(engine, draft.tx, { ...made, planned: !isEmergency(incident) });
    const plan = bar === null ? made : { refused: bar.sentence };
    if (isRefused(plan)) {
      await draft.write(moveStep(stepId, ['pending'], 'failed', plan));
      draft.event(run.incidentId, 'pageturner', `can’t plan “${run.title}”: ${plan.refused}`);
      draft.audit({
        kind: 'plan.refused',
        actor: run.askedBy,
        subject: `STEP-${stepId}`,
        payload: { why: plan.refused },
      });
      return advanceRun(engine, draft, step.runId);
    }
    const digest = planDigest(plan);
    const requestId = await nextId(draft.tx, 'requests');
    const expiresMs =
      run.askedBy === 'alert'
        ? engine.settings.approvalExpiresAlertMs
        : engine.settings.approvalExpiresPersonMs;
    const token = randomBytes(18).toString('base64url');
    await draft.write(
      insertRequest({ id: requestId, token, stepId, plan, digest, askedBy: run.askedBy, expiresMs }),
    );
    await draft.write(moveStep(stepId, ['pending'], 'waiting'));
    await draft.write(setTimer('request.decide', requestId, expiresMs));
    await startReminder(draft, requestId, expiresMs);
    draft.event(run.incidentId, 'pageturner', `STEP-${stepId} shows the plan and waits for a decision`);
    draft.audit({
      kind: 'request.asked',
      actor: run.askedBy,
      subject: `STEP-${stepId}`,
      payload: {
        digest,
        action: plan.action,
        identity: plan.identity,
        scope: plan.scope,
        environment: plan.environment,
        incident: run.incidentId === null ? null : `INC-${run.incidentId}`,
        ...emergencyOf({ plan }, incident),
      },
    });
  });
}
