/** Somebody ticks boxes of change management on a request: who, which and when stays in the journal and in the audit. */
import { BOX_KEYS, BOXES, needsBoxes } from '../../domain/change-rules.ts';
import { stepId as stepName } from '../../domain/ids.ts';
import { lockIncident } from '../../journal/incidents.ts';
import { lockRequest, stepOfRequest } from '../../journal/requests.ts';
import { readRun } from '../../journal/runs.ts';
import { readStep } from '../../journal/steps.ts';
import { tick, untick } from '../../journal/ticks.ts';
import type { Answer } from '../core/answer.ts';
import { notAMember } from '../core/authority.ts';
import type { Engine } from '../core/engine.ts';
import { runMessage } from '../core/messages.ts';
import { perform } from '../core/perform.ts';
import { viewRequest } from './view-request.ts';

export interface TickAsk {
  /** Opaque, as the boxes carry it. */
  readonly token: string;
  readonly person: string;
  /** What changed with this click; what it left alone may have been changed by others meanwhile. */
  readonly ticked: readonly string[];
  readonly unticked: readonly string[];
}

/** Any member may attest; the approval is somebody's with the authority all the same. */
export async function tickBoxes(engine: Engine, ask: TickAsk): Promise<Answer> {
  const refused = await notAMember(engine, ask.person);
  if (refused !== null) return refused;
  return perform(engine, async (draft): Promise<Answer> => {
    const unknown = 'This is an unknown request: nothing here waits under that id.';
    const stepId = await stepOfRequest(draft.tx, { token: ask.token });
    const step = stepId === null ? null : await readStep(draft.tx, stepId);
    const run = step === null ? null : await readRun(draft.tx, step.runId);
    if (step === null || run === null) return { ok: false, text: unknown };
    const incident = run.incidentId === null ? null : await lockIncident(draft.tx, run.incidentId);
    const request = await lockRequest(draft.tx, { token: ask.token });
    if (request === null || !needsBoxes(viewRequest(engine, request, incident)))
      return { ok: false, text: unknown };
    draft.want(runMessage(engine, run, `step-${step.id}`, 'urgent'));
    if (request.state !== 'open')
      return { ok: false, text: `This was already decided: ${stepName(step.id)} is ${request.state}.` };
    const had = new Set(request.ticks.map((one) => one.item));
    const added = BOX_KEYS.filter((box) => ask.ticked.includes(box) && !had.has(box));
    const removed = BOX_KEYS.filter((box) => ask.unticked.includes(box) && had.has(box));
    for (const box of added) await draft.write(tick('request', request.id, box, ask.person));
    for (const box of removed) await draft.write(untick('request', request.id, box));
    for (const [kind, boxes] of [
      ['box.ticked', added],
      ['box.unticked', removed],
    ] as const) {
      if (boxes.length === 0) continue;
      draft.audit({
        kind,
        actor: ask.person,
        subject: stepName(step.id),
        payload: { boxes: boxes.map((box) => BOXES[box]), digest: request.digest },
      });
    }
    return { ok: true, text: 'Noted.' };
  });
}
