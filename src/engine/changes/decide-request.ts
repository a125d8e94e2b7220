/** Somebody approves or denies: the one place where that is judged, for the button and for the command. */
import { judge, type Refusal } from '../../domain/decide.ts';
import { rulesOf } from '../../domain/organisation.ts';
import { dbNow } from '../../journal/clock.ts';
import { isHalted } from '../../journal/halts.ts';
import { type IncidentRow, lockIncident } from '../../journal/incidents.ts';
import {
  insertDecision,
  lockRequest,
  moveRequest,
  type RequestRow,
  stepOfRequest,
} from '../../journal/requests.ts';
import { type RunRow, readRun } from '../../journal/runs.ts';
import { cancelStep, makeDue, readStep, type StepRow } from '../../journal/steps.ts';
import { dropTimer, setTimer } from '../../journal/timers.ts';
import { type Person, powersIn, whoIs } from '../core/authority.ts';
import type { Engine } from '../core/engine.ts';
import { runMessage } from '../core/messages.ts';
import { type Draft, perform } from '../core/perform.ts';
import { sayTampered } from '../core/tampered.ts';
import { stopEscalation } from '../escalation/escalate.ts';
import { advanceRun, overview } from '../runs/advance-run.ts';
import { whyRequestUnproven, whyStepUnproven } from './prove.ts';
import { raiseTampering } from './tampering.ts';
import { emergencyOf, viewRequest } from './view-request.ts';

export interface DecisionAsk {
  readonly by: { readonly token: string } | { readonly stepId: number };
  readonly person: string;
  readonly verdict: 'approve' | 'deny';
  readonly reason: string | null;
}

export type DecisionAnswer =
  | { readonly ok: true; readonly text: string; readonly stepId: number }
  | { readonly ok: false; readonly refusal: Refusal };

interface Judged {
  readonly request: RequestRow;
  readonly stepId: number;
  readonly runId: number;
  readonly incident: IncidentRow | null;
  readonly authority: string;
  readonly completes: boolean;
}

interface Unproven {
  readonly unproven: string;
  readonly stepId: number;
}

/** What nobody asked for, or was decided on by nobody, is not decided on any further. */
async function whyUnproven(
  engine: Engine,
  draft: Draft,
  run: RunRow,
  step: StepRow,
  request: RequestRow,
): Promise<string | null> {
  if (step.type !== 'action') return 'the step is not the action that was asked for';
  return (
    (await whyStepUnproven(engine, draft.tx, run, step)) ??
    (await whyRequestUnproven(engine, draft.tx, run, request))
  );
}

async function refuseUnproven(engine: Engine, { unproven, stepId }: Unproven): Promise<Refusal> {
  await raiseTampering(engine, stepId, unproven);
  return { word: 'unknown request', sentence: `This is an unknown request. ${sayTampered(unproven)}` };
}

/** Locks what the decision is about and judges it; a refusal says why. */
async function judgeAsk(
  engine: Engine,
  draft: Draft,
  ask: DecisionAsk,
  who: Person,
): Promise<Judged | Refusal | Unproven> {
  const unknown: Refusal = {
    word: 'unknown request',
    sentence: 'This is an unknown request: nothing here waits under that id.',
  };
  const stepId = 'stepId' in ask.by ? ask.by.stepId : await stepOfRequest(draft.tx, ask.by);
  const step = stepId === null ? null : await readStep(draft.tx, stepId);
  const run = step === null ? null : await readRun(draft.tx, step.runId);
  if (step === null || run === null) return unknown;
  // The incident's lock comes first everywhere, so that a resolve and an approval can't deadlock.
  const incident = run.incidentId === null ? null : await lockIncident(draft.tx, run.incidentId);
  const request = await lockRequest(draft.tx, ask.by);
  if (request === null) return unknown;
  const unproven = request.state === 'open' ? await whyUnproven(engine, draft, run, step, request) : null;
  if (unproven !== null) return { unproven, stepId: step.id };
  const verdict = judge(
    viewRequest(engine, request, incident),
    await powersIn(engine, draft.tx, who, run.incidentId),
    ask.verdict,
    await dbNow(draft.tx),
    rulesOf(engine.catalog.organisation),
  );
  if (!verdict.allowed) return verdict.refusal;
  if (ask.verdict === 'approve' && (await isHalted(draft.tx))) {
    return {
      word: 'halted',
      sentence: 'Everything is halted: a tech lead must lift it before anything is approved.',
    };
  }
  const { authority, completes } = verdict;
  return { request, stepId: step.id, runId: run.id, incident, authority, completes };
}

export async function decideRequest(engine: Engine, ask: DecisionAsk): Promise<DecisionAnswer> {
  const who = await whoIs(engine, ask.person);
  const answer = await perform(engine, async (draft): Promise<DecisionAnswer | Unproven> => {
    const judged = await judgeAsk(engine, draft, ask, who);
    if ('unproven' in judged) return judged;
    if ('word' in judged) return { ok: false, refusal: judged };
    await write(engine, draft, judged, ask);
    if (ask.verdict === 'deny') await advanceRun(engine, draft, judged.runId);
    const run = { id: judged.runId, incidentId: judged.incident?.id ?? null, afterRun: null };
    draft.want(runMessage(engine, run, `step-${judged.stepId}`, 'urgent'), overview(engine, run));
    const said =
      ask.verdict === 'deny'
        ? 'denied'
        : judged.completes
          ? 'approved'
          : 'approved; one more person must approve';
    return { ok: true, text: `STEP-${judged.stepId} is ${said}.`, stepId: judged.stepId };
  });
  if ('unproven' in answer) return { ok: false, refusal: await refuseUnproven(engine, answer) };
  return answer;
}

/** Whether such a decision would be taken now; decides nothing. */
export async function mayDecide(engine: Engine, ask: DecisionAsk): Promise<Refusal | null> {
  const who = await whoIs(engine, ask.person);
  const answer = await perform(engine, async (draft) => {
    const judged = await judgeAsk(engine, draft, ask, who);
    return 'word' in judged || 'unproven' in judged ? judged : null;
  });
  return answer !== null && 'unproven' in answer ? refuseUnproven(engine, answer) : answer;
}

async function write(engine: Engine, draft: Draft, judged: Judged, ask: DecisionAsk): Promise<void> {
  const { request, authority, completes } = judged;
  const incident = judged.incident?.id ?? null;
  const { person, verdict, reason } = ask;
  await draft.write(insertDecision(request, { person, verdict, authority, reason }));
  draft.event(
    incident,
    person,
    `${verdict === 'approve' ? 'approved' : 'denied'} STEP-${request.stepId} as ${authority}${reason ? `: ${reason}` : ''}`,
  );
  draft.audit({
    kind: 'request.decided',
    actor: person,
    subject: `STEP-${request.stepId}`,
    payload: {
      request: request.id,
      ...(completes ? { startMs: engine.settings.executionDeadlineMs } : {}),
      verdict,
      authority,
      reason,
      digest: request.digest,
      completes,
      ...emergencyOf(request, judged.incident),
    },
  });
  if (verdict === 'deny') {
    await draft.write(moveRequest(request.id, ['open'], 'denied', { reason }));
    await draft.write(
      cancelStep(request.stepId, ['waiting'], { how: 'denied', why: reason ?? 'no reason given' }),
    );
    await draft.write(dropTimer('request.decide', request.id));
    await stopEscalation(engine, draft, 'request', request.id);
    return;
  }
  if (!completes) return;
  await draft.write(
    moveRequest(request.id, ['open'], 'approved', { startMs: engine.settings.executionDeadlineMs }),
  );
  await draft.write(dropTimer('request.decide', request.id));
  await stopEscalation(engine, draft, 'request', request.id);
  await draft.write(setTimer('request.start', request.id, engine.settings.executionDeadlineMs));
  if (engine.settings.mode === 'observe') {
    draft.event(
      incident,
      'pageturner',
      `observes only: STEP-${request.stepId} is approved and is not carried out`,
    );
    return;
  }
  await draft.write(makeDue([request.stepId]));
  draft.wake([request.stepId]);
}
