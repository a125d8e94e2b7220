/** Somebody clicks a recovery option: that asks, and does nothing yet. */
import { incidentId as incidentName } from '../../domain/ids.ts';
import { readParams } from '../../domain/params.ts';
import { isHalted } from '../../journal/halts.ts';
import { lockIncident } from '../../journal/incidents.ts';
import { hasRunOf, lastOptionRun } from '../../journal/runs.ts';
import { readSteps } from '../../journal/steps.ts';
import { whyStepsBarred } from '../changes/view-request.ts';
import type { Answer } from '../core/answer.ts';
import { notAMember } from '../core/authority.ts';
import { pinnedRunbook } from '../core/definitions.ts';
import type { Engine } from '../core/engine.ts';
import { perform } from '../core/perform.ts';
import { resolveIn } from '../core/resolve.ts';
import { startRun } from '../runs/start-run.ts';

/** `askedKey` names the interaction: the same one, sent again, asks nothing. */
export async function askOption(
  engine: Engine,
  ask: {
    readonly incidentId: number;
    readonly optionKey: string;
    /** What its parameters were given. */
    readonly params?: Readonly<Record<string, string>>;
    readonly person: string;
    readonly askedKey: string;
  },
): Promise<Answer> {
  const refused = await notAMember(engine, ask.person);
  if (refused !== null) return refused;
  return perform(engine, async (draft): Promise<Answer> => {
    const incident = await lockIncident(draft.tx, ask.incidentId);
    if (incident === null || incident.runbookHash === null) {
      return { ok: false, text: 'This is an unknown request: there is no such incident.' };
    }
    if (incident.state === 'resolved') {
      return {
        ok: false,
        text: `This has expired: ${incidentName(incident.id)} is resolved. Reopen it first.`,
      };
    }
    if (await isHalted(draft.tx))
      return { ok: false, text: 'Everything is halted: a tech lead must lift it first.' };
    const runbook = await pinnedRunbook(draft.tx, incident.runbookHash);
    const option = runbook.recover.find((candidate) => candidate.key === ask.optionKey);
    if (option === undefined)
      return { ok: false, text: 'This is an unknown request: the runbook has no such option.' };
    const read = readParams(option.params ?? [], ask.params ?? {});
    if ('wrong' in read) return { ok: false, text: read.wrong };
    const bar = await whyStepsBarred(engine, draft.tx, {
      system: runbook.system,
      steps: option.steps.map((step) => resolveIn(engine, runbook.system, step, read.values)),
      incident,
    });
    if (bar !== null) return { ok: false, text: bar.sentence };
    if (await hasRunOf(draft.tx, ask.askedKey))
      return { ok: false, text: 'This click was already decided upon: it was sent twice.' };
    const last = await lastOptionRun(draft.tx, incident.id, option.key);
    if (last?.state === 'running') {
      const steps = await readSteps(draft.tx, [last.id]);
      const step =
        steps.find((candidate) => candidate.state === 'waiting' || candidate.state === 'running') ?? steps[0];
      return {
        ok: false,
        text: `“${option.title}” is already asked for: see STEP-${step?.id ?? '?'} in this thread.`,
      };
    }
    await startRun(engine, draft, {
      incidentId: incident.id,
      kind: 'recovery',
      runbook,
      askedBy: ask.person,
      askedKey: ask.askedKey,
      option,
      title: option.title,
      params: read.values,
    });
    draft.event(incident.id, ask.person, `asked for “${option.title}”`);
    return { ok: true, text: `“${option.title}” is being planned.` };
  });
}
