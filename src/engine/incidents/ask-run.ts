/** Somebody starts a runbook by hand: its parameters are checked before anything runs. */
import { incidentId as incidentName, runId as runName } from '../../domain/ids.ts';
import { didYouMean } from '../../domain/nearest.ts';
import { readParams } from '../../domain/params.ts';
import type { Resolved } from '../../domain/resolve-step.ts';
import type { Runbook } from '../../domain/runbook.ts';
import { isHalted } from '../../journal/halts.ts';
import { whyStepsBarred } from '../changes/view-request.ts';
import type { Answer } from '../core/answer.ts';
import { askedTwice } from '../core/asking.ts';
import { notAMember } from '../core/authority.ts';
import type { Engine } from '../core/engine.ts';
import { type Draft, perform } from '../core/perform.ts';
import { resolveIn } from '../core/resolve.ts';
import { overview } from '../runs/advance-run.ts';
import { startRun } from '../runs/start-run.ts';
import { openByHand } from './open-by-hand.ts';

export interface RunAsk {
  readonly runbookId: string;
  readonly params: Readonly<Record<string, string>>;
  /** A Slack user id, or `cli:NAME`. */
  readonly person: string;
  /** Names the interaction: the same one, sent again, starts nothing. */
  readonly askedKey: string;
}

/**
 * An operation gets a run and a thread of its own; a runbook for incidents opens an incident by hand, whose thread has
 * the diagnosis and the options. Who may do the steps is judged at each of them.
 */
export async function askRun(engine: Engine, ask: RunAsk): Promise<Answer & { readonly runId?: number }> {
  const runbooks = engine.catalog.systems.flatMap((system) => system.runbooks);
  const runbook = runbooks.find(({ id }) => id === ask.runbookId.toLowerCase());
  if (runbook === undefined) {
    const near = didYouMean(
      ask.runbookId,
      runbooks.map(({ id }) => id),
    );
    return {
      ok: false,
      text: `There is no runbook “${ask.runbookId.slice(0, 80)}”${near === '' ? '.' : near} \`/ops runbooks\` lists them.`,
    };
  }
  const refused = ask.person.startsWith('cli:') ? null : await notAMember(engine, ask.person);
  if (refused !== null) return refused;
  const read = readParams(runbook.params, ask.params);
  if ('wrong' in read) return { ok: false, text: read.wrong };
  return perform(engine, async (draft): Promise<Answer & { readonly runId?: number }> => {
    if (await askedTwice(draft, ask.askedKey))
      return { ok: false, text: 'This was already decided upon: it was sent twice.' };
    if (await isHalted(draft.tx))
      return { ok: false, text: 'Everything is halted: a tech lead must lift it first.' };
    if (runbook.steps.length === 0) return openFor(engine, draft, ask, runbook);
    const steps = runbook.steps.map((step) => resolveIn(engine, runbook.system, step, read.values));
    const wrong = whyNotFit(steps);
    if (wrong !== null) return { ok: false, text: wrong };
    const bar = await whyStepsBarred(engine, draft.tx, { system: runbook.system, steps, byHand: true });
    if (bar !== null) return { ok: false, text: bar.sentence };
    const { runId } = await startRun(engine, draft, {
      incidentId: null,
      kind: 'operation',
      runbook,
      askedBy: ask.person,
      askedKey: ask.askedKey,
      title: runbook.title,
      params: read.values,
    });
    draft.audit({
      kind: 'run.asked',
      actor: ask.person,
      subject: runName(runId),
      payload: { runbook: runbook.id, params: read.values },
    });
    draft.want(overview(engine, { id: runId, incidentId: null, afterRun: null }));
    return { ok: true, text: `${runName(runId)} has begun: ${runbook.title}.`, runId };
  });
}

/** With these values a step fits no service: said before anything runs, not by the step when its turn has come. */
function whyNotFit(steps: readonly Resolved[]): string | null {
  const found = steps.find(({ problems }) => problems.length > 0);
  if (found === undefined) return null;
  return `This can’t run: ${found.step.title ?? found.step.key}: ${found.problems[0]?.message}.`;
}

async function openFor(engine: Engine, draft: Draft, ask: RunAsk, runbook: Runbook): Promise<Answer> {
  const id = await openByHand(engine, draft, {
    system: runbook.system,
    service: ask.params.service ?? null,
    text: runbook.title,
    person: ask.person,
    askedKey: ask.askedKey,
    runbook,
  });
  return {
    ok: true,
    text: `${incidentName(id)} is open: its thread has the diagnosis and what can be done.`,
  };
}
