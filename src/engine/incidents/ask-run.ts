/** Somebody starts a runbook by hand: its parameters are checked before anything runs. */
import { isEmergency } from '../../domain/change-rules.ts';
import { incidentId as incidentName, runId as runName } from '../../domain/ids.ts';
import { didYouMean } from '../../domain/nearest.ts';
import { type ParamValues, readParams } from '../../domain/params.ts';
import type { Resolved } from '../../domain/resolve-step.ts';
import type { Runbook } from '../../domain/runbook.ts';
import { isHalted } from '../../journal/halts.ts';
import { type IncidentRow, lockIncident } from '../../journal/incidents.ts';
import { readRuns } from '../../journal/runs.ts';
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
import { takeRunbook } from './use-runbook.ts';

export interface RunAsk {
  readonly runbookId: string;
  readonly params: Readonly<Record<string, string>>;
  /** A Slack user id, or `cli:NAME`. */
  readonly person: string;
  /** Names the interaction: the same one, sent again, starts nothing. */
  readonly askedKey: string;
  /** The open incident that it is for. */
  readonly incidentId?: number | null;
}

/**
 * An operation gets a run, in a thread of its own or in that of the incident it is for; a runbook for incidents opens
 * an incident by hand, whose thread has the diagnosis and the options. Who may do the steps is judged at each of them.
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
    if (ask.incidentId != null)
      return runForIncident(engine, draft, { ...ask, incidentId: ask.incidentId }, runbook, read.values);
    if (runbook.steps.length === 0) return openFor(engine, draft, ask, runbook);
    return begin(engine, draft, ask, runbook, read.values, null);
  });
}

type Asked = Answer & { readonly runId?: number };

/** What an operation does for an incident is judged as that incident's; a runbook for incidents becomes its runbook. */
async function runForIncident(
  engine: Engine,
  draft: Draft,
  ask: RunAsk & { readonly incidentId: number },
  runbook: Runbook,
  values: ParamValues,
): Promise<Asked> {
  const incident = await lockIncident(draft.tx, ask.incidentId);
  const name = incidentName(ask.incidentId);
  if (incident === null) return { ok: false, text: `This is an unknown request: there is no ${name}.` };
  if (incident.state === 'resolved')
    return { ok: false, text: `This has expired: ${name} is resolved. Reopen it first.` };
  if (incident.system !== runbook.system) {
    const of = incident.system ?? 'no system';
    return {
      ok: false,
      text: `${name} is of ${of}; \`${runbook.id}\` changes ${runbook.system}. Run it without ${name}.`,
    };
  }
  if (runbook.steps.length === 0) return takeRunbook(engine, draft, incident, runbook, ask.person);
  const going = (await readRuns(draft.tx, incident.id)).find(
    (run) => run.runbookId === runbook.id && run.kind === 'operation' && run.state === 'running',
  );
  if (going !== undefined)
    return {
      ok: false,
      text: `“${runbook.title}” is already asked for: see ${runName(going.id)} in its thread.`,
    };
  return begin(engine, draft, ask, runbook, values, incident);
}

async function begin(
  engine: Engine,
  draft: Draft,
  ask: RunAsk,
  runbook: Runbook,
  values: ParamValues,
  incident: IncidentRow | null,
): Promise<Asked> {
  const steps = runbook.steps.map((step) => resolveIn(engine, runbook.system, step, values));
  const wrong = whyNotFit(steps);
  if (wrong !== null) return { ok: false, text: wrong };
  const bar = await whyStepsBarred(engine, draft.tx, { system: runbook.system, steps, incident });
  if (bar !== null) return { ok: false, text: `${bar.sentence}${unconfirmed(incident)}` };
  const { runId } = await startRun(engine, draft, {
    incidentId: incident?.id ?? null,
    kind: 'operation',
    runbook,
    askedBy: ask.person,
    askedKey: ask.askedKey,
    title: runbook.title,
    params: values,
  });
  draft.event(incident?.id ?? null, ask.person, `asked for “${runbook.title}”`);
  draft.audit({
    kind: 'run.asked',
    actor: ask.person,
    subject: runName(runId),
    payload: {
      runbook: runbook.id,
      params: values,
      ...(incident === null ? {} : { incident: incidentName(incident.id) }),
    },
  });
  draft.want(overview(engine, { id: runId, incidentId: incident?.id ?? null, afterRun: null }));
  const where = incident === null ? '' : ` in the thread of ${incidentName(incident.id)}`;
  return { ok: true, text: `${runName(runId)} has begun${where}: ${runbook.title}.`, runId };
}

/** Why an open incident is no emergency. */
const unconfirmed = (incident: IncidentRow | null): string =>
  incident === null || isEmergency(incident)
    ? ''
    : ` ${incidentName(incident.id)} was opened by hand, and nobody else has confirmed it yet.`;

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
