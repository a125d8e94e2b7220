/** A run is ended before its time: what waits is cancelled, an action under way is told to stop, nothing after it starts. */
import { runId as runName } from '../../domain/ids.ts';
import { lockIncident } from '../../journal/incidents.ts';
import { lockRequest, moveRequest } from '../../journal/requests.ts';
import { endRun, lockRun, noteStop, type RunRow, readRun, readRuns } from '../../journal/runs.ts';
import { cancelStep, readStep, readSteps } from '../../journal/steps.ts';
import { dropTimer } from '../../journal/timers.ts';
import type { Answer } from '../core/answer.ts';
import { notAMember } from '../core/authority.ts';
import type { Engine } from '../core/engine.ts';
import { runMessage } from '../core/messages.ts';
import { type Draft, perform } from '../core/perform.ts';
import { overview } from './advance-run.ts';

export type AbortAsk =
  | { readonly stepId: number }
  | { readonly runId: number }
  /** Every recovery that goes on in it. */
  | { readonly incidentId: number };

/** Any member may: to stop is never dangerous. What had begun is shown as it is, never as undone. */
export async function abortRun(engine: Engine, ask: AbortAsk, person: string): Promise<Answer> {
  const refused = await notAMember(engine, person);
  if (refused !== null) return refused;
  return perform(engine, async (draft): Promise<Answer> => {
    const runs = (await findRuns(draft, ask)).filter((run) => run.state === 'running');
    if (runs.length === 0)
      return { ok: false, text: 'Nothing goes on under that id: there is nothing to abort.' };
    let acting = false;
    for (const run of runs) acting = (await stop(engine, draft, run, person)) || acting;
    const names = runs.map((run) => `“${run.title}”`).join(', ');
    const more = acting ? ' An action under way was told to stop; what it did until then is shown.' : '';
    return { ok: true, text: `${names} is aborted.${more}` };
  });
}

async function findRuns(draft: Draft, ask: AbortAsk): Promise<readonly RunRow[]> {
  if ('incidentId' in ask) {
    await lockIncident(draft.tx, ask.incidentId);
    const runs = await readRuns(draft.tx, ask.incidentId);
    return runs.filter((run) => run.kind === 'recovery' || run.kind === 'operation');
  }
  const id = 'runId' in ask ? ask.runId : (await readStep(draft.tx, ask.stepId))?.runId;
  const seen = id === undefined ? null : await readRun(draft.tx, id);
  if (seen === null) return [];
  if (seen.incidentId !== null) await lockIncident(draft.tx, seen.incidentId);
  const run = await lockRun(draft.tx, seen.id);
  return run === null ? [] : [run];
}

/** True: an action is under way and ends by itself, soon. */
async function stop(engine: Engine, draft: Draft, run: RunRow, person: string): Promise<boolean> {
  await draft.write(noteStop(run.id, person));
  const steps = await readSteps(draft.tx, [run.id]);
  for (const step of steps) {
    const isWait = step.state === 'running' && step.type !== 'action';
    if (step.state !== 'pending' && step.state !== 'waiting' && !isWait) continue;
    const request = await lockRequest(draft.tx, { stepId: step.id });
    if (request !== null && (request.state === 'open' || request.state === 'approved')) {
      await draft.write(
        moveRequest(request.id, [request.state], 'cancelled', { reason: 'the run was aborted' }),
      );
      await draft.write(dropTimer('request.decide', request.id));
      await draft.write(dropTimer('request.start', request.id));
    }
    await draft.write(cancelStep(step.id, [step.state], { how: 'cancelled', why: 'the run was aborted' }));
    draft.want(runMessage(engine, run, `step-${step.id}`));
  }
  const acting = steps.some((step) => step.state === 'running' && step.type === 'action');
  if (!acting) await draft.write(endRun(run.id, 'cancelled'));
  draft.event(run.incidentId, person, `aborted “${run.title}”`);
  draft.audit({
    kind: 'run.aborted',
    actor: person,
    subject: runName(run.id),
    payload: { incident: run.incidentId },
  });
  draft.want(overview(engine, run));
  return acting;
}
