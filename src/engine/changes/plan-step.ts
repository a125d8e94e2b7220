/** A step's turn has come: what it would do is worked out from the live target, and a decision is asked for. */
import { randomBytes } from 'node:crypto';
import { type ActionContext, isRefused, type Plan, type Refused } from '../../domain/action.ts';
import { isEmergency } from '../../domain/change-rules.ts';
import { planDigest } from '../../domain/plan-digest.ts';
import { nextId, readIncident } from '../../journal/incidents.ts';
import { insertRequest } from '../../journal/requests.ts';
import { type RunRow, readRun } from '../../journal/runs.ts';
import { type ActionStepRow, cancelStep, moveStep, readStep } from '../../journal/steps.ts';
import { setTimer } from '../../journal/timers.ts';
import { findService } from '../core/definitions.ts';
import type { Engine } from '../core/engine.ts';
import { runMessage } from '../core/messages.ts';
import { perform } from '../core/perform.ts';
import { startReminder } from '../escalation/escalate.ts';
import { advanceRun, overview } from '../runs/advance-run.ts';
import { actionKind } from './undo-action.ts';
import { emergencyOf, whyBarred } from './view-request.ts';

const NO_UNDO_QUORUM = 2;

/** Works the plan out, reading only. A refusal is a value; a target that can't be reached is one too. */
export async function makePlan(engine: Engine, run: RunRow, step: ActionStepRow): Promise<Plan | Refused> {
  const { definition } = step;
  const system = run.runbookId.split('/')[0] ?? '';
  const entry = findService(engine, system, definition.service);
  const kind = actionKind(engine, definition.action);
  if (entry === null) return { refused: `the catalog has no service ${system}/${definition.service}` };
  if (entry.notConfigured !== null)
    return { refused: `${definition.service} is not configured: ${entry.notConfigured}` };
  if (kind === undefined) return { refused: `there is no action ${definition.action}` };
  const settings = kind.settings.safeParse(definition.settings);
  if (!settings.success) return { refused: `the settings of ${definition.action} are not valid` };
  const context = actionContext(engine, definition.timeoutMs);
  try {
    const draft = await kind.plan(entry.target, settings.data, context);
    if (isRefused(draft)) return engine.redact(draft);
    if (draft.marker !== null && draft.marker !== entry.target.environment) {
      return {
        refused: `the target says it is ${draft.marker}, the catalog says ${entry.target.environment}: nothing is done until they agree`,
      };
    }
    const noUndo = draft.undo.kind === 'none' && definition.action === 'redis.flushdb';
    return engine.redact({
      ...draft,
      action: kind.name,
      contractVersion: kind.contractVersion,
      system,
      service: definition.service,
      environment: entry.target.environment,
      danger: step.danger,
      settings: definition.settings,
      sharedWith: entry.sharedWith,
      approvers: entry.approvers ?? [],
      quorum: Math.max(noUndo ? NO_UNDO_QUORUM : 1, definition.approvals?.[entry.target.environment] ?? 1),
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { refused: engine.redact(`${system}/${definition.service} can’t be reached: ${why}`) };
  }
}

/** Not ended by a shutdown: what is under way is let finish, within its own timeout. */
export function actionContext(
  engine: Engine,
  timeoutMs: number,
  more: { readonly stop?: AbortSignal; readonly progress?: (line: string) => void } = {},
): ActionContext {
  const late = AbortSignal.timeout(timeoutMs);
  const signal = more.stop === undefined ? late : AbortSignal.any([late, more.stop]);
  return { signal, timeoutMs, self: engine.self, progress: more.progress ?? (() => undefined) };
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
