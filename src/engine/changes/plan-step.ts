/** A step's turn has come: what it would do is worked out from the live target, and a decision is asked for. */
import { randomBytes } from 'node:crypto';
import { isRefused, type Plan, type Refused } from '../../domain/action.ts';
import { isEmergency } from '../../domain/change-rules.ts';
import { planDigest } from '../../domain/plan-digest.ts';
import { lockIncident, nextId } from '../../journal/incidents.ts';
import { insertRequest } from '../../journal/requests.ts';
import { type RunRow, readRun } from '../../journal/runs.ts';
import { type ActionStepRow, cancelStep, moveStep, raiseDanger, readStep } from '../../journal/steps.ts';
import { setTimer } from '../../journal/timers.ts';
import type { Engine } from '../core/engine.ts';
import { runMessage } from '../core/messages.ts';
import { perform } from '../core/perform.ts';
import { startReminder } from '../escalation/escalate.ts';
import { advanceRun, overview } from '../runs/advance-run.ts';
import { type Asker, askerOf } from './asker.ts';
import { planResolved } from './make-plan.ts';
import { hashOfToken, whyStepUnproven } from './prove.ts';
import { resolveNow, systemOf } from './resolve-now.ts';
import { raiseTampering } from './tampering.ts';
import { emergencyOf, whyBarred } from './view-request.ts';

const NOBODYS_QUORUM = 2;

export const makePlan = (engine: Engine, run: RunRow, step: ActionStepRow): Promise<Plan | Refused> =>
  planResolved(engine, systemOf(run), resolveNow(engine, run, step));

/** Nobody in particular asks: of two people who approve, one at least is somebody else. */
function forAsker(plan: Plan, { isNobody }: Asker): Plan {
  if (!isNobody || plan.danger !== 'destructive') return plan;
  return { ...plan, quorum: Math.max(plan.quorum, NOBODYS_QUORUM) };
}

export async function planStep(engine: Engine, stepId: number): Promise<void> {
  const step = await readStep(engine.journal.pool, stepId);
  if (step?.type !== 'action' || step.state !== 'pending') return;
  const run = await readRun(engine.journal.pool, step.runId);
  if (run === null) return;
  const unproven = await whyStepUnproven(engine, engine.journal.pool, run, step);
  if (unproven !== null) return raiseTampering(engine, stepId, unproven);
  const [asker, made] = [await askerOf(engine, run), await makePlan(engine, run, step)];
  await perform(engine, async (draft) => {
    const incident = run.incidentId === null ? null : await lockIncident(draft.tx, run.incidentId);
    const now = await readStep(draft.tx, stepId);
    if (now === null || now.state !== 'pending') return;
    draft.want(runMessage(engine, run, `step-${stepId}`, 'urgent'), overview(engine, run));
    if (incident?.state === 'resolved') {
      await draft.write(
        cancelStep(stepId, ['pending'], { how: 'cancelled', why: 'the incident was resolved' }),
      );
      return advanceRun(engine, draft, step.runId);
    }
    const bar = isRefused(made)
      ? null
      : await whyBarred(engine, draft.tx, { ...made, planned: !isEmergency(incident) });
    const planned = bar === null ? made : { refused: bar.sentence };
    if (isRefused(planned)) {
      await draft.write(moveStep(stepId, ['pending'], 'failed', planned));
      draft.event(run.incidentId, 'pageturner', `can’t plan “${run.title}”: ${planned.refused}`);
      draft.audit({
        kind: 'plan.refused',
        actor: run.askedBy,
        subject: `STEP-${stepId}`,
        payload: { why: planned.refused },
      });
      return advanceRun(engine, draft, step.runId);
    }
    const plan = forAsker(planned, asker);
    if (plan.danger !== step.danger) {
      await draft.write(raiseDanger(engine.auditKey, step, plan.danger));
      draft.event(
        run.incidentId,
        'pageturner',
        `STEP-${stepId} was ${step.danger} and is ${plan.danger} now`,
      );
    }
    const digest = planDigest(plan);
    const requestId = await nextId(draft.tx, 'requests');
    const expiresMs =
      asker.origin === 'alert'
        ? engine.settings.approvalExpiresAlertMs
        : engine.settings.approvalExpiresPersonMs;
    const token = randomBytes(18).toString('base64url');
    await draft.write(
      insertRequest({
        ...{ id: requestId, token, stepId, plan, digest, expiresMs },
        askedBy: asker.id,
        origin: asker.origin,
      }),
    );
    await draft.write(moveStep(stepId, ['pending'], 'waiting'));
    await draft.write(setTimer('request.decide', requestId, expiresMs));
    await startReminder(draft, requestId, expiresMs);
    draft.event(run.incidentId, 'pageturner', `STEP-${stepId} shows the plan and waits for a decision`);
    draft.audit({
      kind: 'request.asked',
      actor: asker.id,
      subject: `STEP-${stepId}`,
      payload: {
        ...{ request: requestId, run: run.id, origin: asker.origin, askedBy: run.askedBy },
        ...{ token: hashOfToken(token), danger: plan.danger, quorum: plan.quorum, expiresMs },
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
