/** After a step: the next one is due, or the run ends and what follows from it begins. */
import { advance, linksOf } from '../../domain/advance.ts';
import { hasEnded, isStepwise } from '../../domain/lives.ts';
import { ALERT } from '../../domain/person.ts';
import { isCheckedAfter, isProposedAgain, proposedOptions } from '../../domain/run-rules.ts';
import type { Runbook } from '../../domain/runbook.ts';
import type { ConditionResult } from '../../domain/step-result.ts';
import { TAMPERED } from '../../journal/audit-chain.ts';
import type { MessageWant } from '../../journal/commit.ts';
import { readIncident } from '../../journal/incidents.ts';
import { planReading } from '../../journal/readings.ts';
import { endRun, lastOptionRun, lockRun, type RunRow } from '../../journal/runs.ts';
import { cancelStep, makeDue, readSteps, type StepRow } from '../../journal/steps.ts';
import { pinnedRunbook } from '../core/definitions.ts';
import type { Engine } from '../core/engine.ts';
import { runMessage } from '../core/messages.ts';
import type { Draft } from '../core/perform.ts';
import { sayTampered, Tampered, whyRunUnproven } from '../core/tampered.ts';
import { proposerOf } from './proposer.ts';
import { startRun } from './start-run.ts';

/** `option_key` of a run that brings something back: no check of the incident follows it. */
export const UNDO_OPTION = 'undo';

export async function advanceRun(engine: Engine, draft: Draft, runId: number): Promise<void> {
  const run = await lockRun(draft.tx, runId);
  if (run === null || run.state !== 'running') return;
  const steps = await readSteps(draft.tx, [runId]);
  const next = advance(
    run.kind,
    steps.map((step) => ({ ...step, replaced: step.replacedBy !== null, ...linksOf(step.definition) })),
  );
  if (next.due.length > 0) {
    await draft.write(makeDue(next.due));
    draft.wake(next.due);
  }
  for (const id of next.skip) {
    await draft.write(
      cancelStep(id, ['pending'], { how: 'skipped', why: 'a step before it did not succeed' }),
    );
  }
  wantRun(engine, draft, run, steps);
  if (run.kind === 'verification' && run.incidentId !== null) {
    await readAlertsSoon(draft, run.incidentId, steps, next.state !== 'running');
  }
  if (next.state === 'running') return;
  await draft.write(endRun(runId, next.state));
  switch (run.kind) {
    case 'diagnosis':
      if (run.incidentId === null) return;
      return orTold(engine, draft, run, () => propose(engine, draft, run, run.incidentId ?? 0, steps));
    case 'recovery':
    case 'operation':
      if (!isCheckedAfter({ ...run, ...next, isUndo: run.optionKey === UNDO_OPTION }, steps)) return;
      return orTold(engine, draft, run, () => verify(engine, draft, run));
    case 'verification':
      return;
    default:
      return run.kind satisfies never;
  }
}

function wantRun(engine: Engine, draft: Draft, run: RunRow, steps: readonly StepRow[]): void {
  if (run.kind === 'diagnosis') draft.want(runMessage(engine, run, 'diagnosis'));
  if (run.kind === 'verification') draft.want(runMessage(engine, run, 'recovery'));
  if (!isStepwise(run.kind)) return;
  draft.want(overview(engine, run));
  for (const step of steps) {
    if (step.type === 'action' && step.danger !== 'safe')
      draft.want(runMessage(engine, run, `step-${step.id}`, 'urgent'));
  }
}

/** The one message that says how far a run is: its own root, or a message of its incident's thread. */
export function overview(engine: Engine, run: Pick<RunRow, 'id' | 'incidentId' | 'afterRun'>): MessageWant {
  return runMessage(engine, run, run.incidentId === null ? 'root' : `run-${run.id}`);
}

function conditionOf(steps: readonly StepRow[]): ConditionResult | null {
  const step = steps.find((candidate) => candidate.type === 'condition');
  return step === undefined || !hasEnded(step.state) ? null : step.result;
}

/**
 * Options that say so are planned when the bot's own diagnosis shows the condition: for the alert when the alert alone
 * began it, for whoever began it else.
 */
async function propose(
  engine: Engine,
  draft: Draft,
  run: RunRow,
  incidentId: number,
  steps: readonly StepRow[],
): Promise<void> {
  const incident = await readIncident(draft.tx, incidentId);
  const holds = conditionOf(steps)?.holds ?? null;
  if (incident === null || holds !== true) return;
  const [runbook, asker] = await whatToPropose(engine, draft, run, incidentId);
  for (const option of proposedOptions(runbook.recover, incident.state, holds)) {
    const last = await lastOptionRun(draft.tx, incidentId, option.key);
    if (!isProposedAgain(last, asker === ALERT)) continue;
    draft.event(incidentId, asker, `asked for “${option.title}”: the diagnosis confirms the condition`);
    await startRun(engine, draft, {
      incidentId,
      kind: 'recovery',
      runbook,
      askedBy: asker,
      option,
      title: option.title,
    });
  }
}

/** @throws Tampered unless the bot itself began the diagnosis, for whom its row says. */
async function whatToPropose(
  engine: Engine,
  draft: Draft,
  run: RunRow,
  incidentId: number,
): Promise<readonly [Runbook, string]> {
  const unproven = whyRunUnproven(engine, run);
  if (unproven !== null) throw new Tampered(unproven);
  const asker = await proposerOf(engine, draft.tx, run, incidentId);
  if (typeof asker !== 'string')
    throw new Tampered(`entry ${asker.forged} of the audit log was not written by the bot`);
  return [await pinnedRunbook(draft.tx, run.definitionHash), asker];
}

/** What follows from a run whose rows can't be believed is nothing, and everybody is told. */
async function orTold(engine: Engine, draft: Draft, run: RunRow, follow: () => Promise<void>): Promise<void> {
  try {
    await follow();
  } catch (error) {
    if (!(error instanceof Tampered)) throw error;
    engine.log.error({ run: run.id, why: error.message }, 'the journal was tampered with');
    const subject = run.incidentId === null ? `RUN-${run.id}` : `INC-${run.incidentId}`;
    draft.event(run.incidentId, 'pageturner', sayTampered(error.message));
    draft.audit({ kind: TAMPERED, actor: 'pageturner', subject, payload: { why: error.message } });
  }
}

/** After the actions, whatever came of them: the condition is read again from the target. */
async function verify(engine: Engine, draft: Draft, run: RunRow): Promise<void> {
  const runbook = await runbookToCheck(draft.tx, run);
  // Without a check nothing else says that something was done.
  const isUnchecked = runbook.verify.length === 0 && runbook.condition === null;
  if (run.incidentId !== null && isUnchecked) await draft.write(planReading(run.incidentId, 'anew'));
  if (run.kind === 'operation' && isUnchecked) return;
  draft.want(runMessage(engine, run, 'recovery'));
  await startRun(engine, draft, {
    incidentId: run.incidentId,
    kind: 'verification',
    runbook,
    askedBy: run.askedBy,
    afterRun: run.id,
    title: `Check after “${run.title}”`,
  });
}

/** After an operation for an incident its own checks say what came of it, and the incident's whether that was enough. */
async function runbookToCheck(tx: Draft['tx'], run: RunRow): Promise<Runbook> {
  const own = await pinnedRunbook(tx, run.definitionHash);
  if (run.kind !== 'operation' || run.incidentId === null) return own;
  const hash = (await readIncident(tx, run.incidentId))?.runbookHash ?? null;
  if (hash === null) return own;
  const { condition, verify } = await pinnedRunbook(tx, hash);
  const keys = new Set(own.verify.map(({ key }) => key));
  return { ...own, condition, verify: [...own.verify, ...verify.filter(({ key }) => !keys.has(key))] };
}

/** What the alerts say is read as soon as the checks may have changed it; what follows from that is decided there. */
async function readAlertsSoon(
  draft: Draft,
  incidentId: number,
  steps: readonly StepRow[],
  ended: boolean,
): Promise<void> {
  if (ended) return draft.write(planReading(incidentId, 'anew'));
  if (conditionOf(steps)?.holds === false) await draft.write(planReading(incidentId, 'as before'));
}
