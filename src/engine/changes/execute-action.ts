/**
 * Carries out an approved plan, at most once: claim in the journal, plan again, undo made and checked, then the
 * action's own irreversible call, right after its lease and phase were written. The order is that of docs/design.md, invariants 1 to 3; a crash at any
 * point leaves a row that says how far it may have come.
 */

import { setInterval as every } from 'node:timers/promises';
import {
  type ActionKind,
  type ActionOutcome,
  isRefused,
  type Plan,
  type PlanDraft,
} from '../../domain/action.ts';
import { comparePlans } from '../../domain/compare-plans.ts';
import { OutcomeUnknown } from '../../domain/outcome-unknown.ts';
import { planDigest } from '../../domain/plan-digest.ts';
import type { ServiceEntry } from '../../domain/runbook.ts';
import type { Ending } from '../../domain/step-result.ts';
import { oneLine } from '../../domain/text.ts';
import { noteUndo, renewLease } from '../../journal/executions.ts';
import { type RunRow, readRun } from '../../journal/runs.ts';
import { reportProgress } from '../../journal/step-progress.ts';
import type { ActionStepRow } from '../../journal/steps.ts';
import { digestOfUndo, openUndo } from '../../journal/undo.ts';
import { findService } from '../core/definitions.ts';
import type { Engine } from '../core/engine.ts';
import { perform } from '../core/perform.ts';
import { overview } from '../runs/advance-run.ts';
import { type Claim, claimExecution, confirmStillAllowed } from './claim-execution.ts';
import { finishExecution } from './finish-execution.ts';
import { actionContext } from './make-plan.ts';
import { makePlan } from './plan-step.ts';
import { actionKind } from './undo-action.ts';

/** How often an action under way looks whether it was aborted. */
const LISTEN_MS = 1000;

/** Does nothing unless this process wins the claim. */
export async function executeAction(engine: Engine, stepId: number): Promise<void> {
  const claim = await claimExecution(engine, stepId);
  if (claim === null) return;
  const done = new AbortController();
  const stop = new AbortController();
  const heart = beat(engine, claim, done.signal, stop);
  try {
    await finishExecution(engine, claim, await carryOut(engine, claim, stop.signal));
  } finally {
    done.abort();
    await heart;
  }
}

/** Renews the lease while the action runs, and hears an abort; a lease that is lost is not taken back. */
async function beat(engine: Engine, claim: Claim, signal: AbortSignal, stop: AbortController): Promise<void> {
  let renewed = performance.now();
  try {
    for await (const _ of every(LISTEN_MS, undefined, { signal })) {
      const run = await readRun(engine.journal.pool, claim.run.id);
      if (run?.stopAskedBy != null) stop.abort(new Error('it was aborted'));
      if (performance.now() - renewed < engine.settings.leaseMs / 3) continue;
      renewed = performance.now();
      await perform(engine, (draft) =>
        draft.write(renewLease(claim.step.id, engine.worker, engine.settings.leaseMs)),
      );
    }
  } catch (error) {
    if (!signal.aborted)
      engine.log.warn(
        { err: error, step: claim.step.id },
        'the lease of a running action could not be renewed',
      );
  }
}

async function carryOut(engine: Engine, claim: Claim, stop: AbortSignal): Promise<Ending> {
  let acting = false;
  try {
    const fresh = await makePlan(engine, claim.run, claim.step);
    if (isRefused(fresh)) return { kind: 'failed', why: `${fresh.refused}. Nothing was done.`, items: [] };
    const approved = claim.request?.plan ?? fresh;
    const compared = comparePlans(approved, fresh);
    if (compared.verdict === 'superseded') return { kind: 'superseded', differs: compared.differs };
    const parts = resolveParts(engine, claim.run, claim.step, approved);
    if (parts === null)
      return {
        kind: 'failed',
        why: 'the catalog no longer has this service or action. Nothing was done.',
        items: [],
      };
    const undo = await makeUndo(engine, claim, parts, compared.narrowed);
    if (undo !== null) return undo;
    const act = async (): Promise<void> => {
      await confirmStillAllowed(engine, claim, planDigest(approved));
      acting = true;
    };
    const context = actionContext(engine, parts.timeoutMs, { stop, progress: teller(engine, claim) });
    const outcome = await parts.kind.execute(
      parts.entry.target,
      parts.settings,
      compared.narrowed,
      act,
      context,
    );
    const checked = await verified(engine, parts, compared.narrowed, outcome);
    return endingOf(checked, compared.kept, compared.isNew);
  } catch (error) {
    const why = engine.redact(error instanceof Error ? error.message : String(error));
    if (acting || error instanceof OutcomeUnknown) return { kind: 'interrupted', why };
    engine.log.warn({ err: error, step: claim.step.id }, 'an action ended before it began');
    return { kind: 'failed', why: `${why}. Nothing was done.`, items: [] };
  }
}

const TELL_MS = 1000;

/** Keeps and shows the last line of progress, once a second at most; a line that can't be kept is let go. */
function teller(engine: Engine, claim: Claim): (line: string) => void {
  let told = 0;
  return (line) => {
    const now = performance.now();
    if (now - told < TELL_MS) return;
    told = now;
    perform(engine, async (draft) => {
      const progress = engine.redact({ line: oneLine(line, 200), until: null });
      await reportProgress(draft.tx, claim.step.id, engine.worker, engine.settings.leaseMs, progress);
      draft.want(overview(engine, claim.run));
    }).catch((error: unknown) => engine.log.debug({ err: error }, 'a line of progress was not kept'));
  };
}

/** Did it help? Read from the target; what can't be read is said, and fails the step, as nobody knows. */
async function verified(
  engine: Engine,
  parts: Parts,
  plan: PlanDraft,
  outcome: ActionOutcome,
): Promise<ActionOutcome> {
  if (parts.kind.verify === undefined || outcome.state !== 'succeeded') return outcome;
  const context = actionContext(engine, parts.timeoutMs);
  const found = await parts.kind
    .verify(parts.entry.target, parts.settings, plan, context)
    .catch((error: unknown) => ({
      good: false,
      says: `the check after it failed: ${error instanceof Error ? error.message : String(error)}`,
    }));
  const summary = `${outcome.summary}; ${found.says}`;
  return found.good
    ? { ...outcome, summary }
    : { ...outcome, state: 'failed', summary: `Done, but not as it should be: ${summary}` };
}

interface Parts {
  readonly entry: ServiceEntry;
  readonly kind: ActionKind;
  readonly settings: unknown;
  readonly timeoutMs: number;
}

function resolveParts(engine: Engine, run: RunRow, step: ActionStepRow, plan: Plan): Parts | null {
  const { service, timeoutMs } = step.definition;
  const entry = findService(engine, run.runbookId.split('/')[0] ?? '', service);
  const kind = actionKind(engine, plan.action);
  if (entry === null || kind === undefined) return null;
  return { entry, kind, settings: kind.settings.parse(plan.settings), timeoutMs };
}

/** Null when the undo is there and checked, or none was promised; else why nothing may run. */
async function makeUndo(engine: Engine, claim: Claim, parts: Parts, plan: PlanDraft): Promise<Ending | null> {
  if (plan.undo.kind === 'none') return null;
  if (parts.kind.makeUndo === undefined)
    return { kind: 'failed', why: 'the undo can’t be made. Nothing was done.', items: [] };
  const store = openUndo(engine.journal, engine.auditKey, claim.executionId, engine.settings.undoMaxBytes);
  const context = actionContext(engine, parts.timeoutMs);
  const made = await parts.kind.makeUndo(parts.entry.target, parts.settings, plan, store, context);
  if (isRefused(made))
    return { kind: 'failed', why: `The undo failed: ${made.refused}. Nothing was done.`, items: [] };
  const digest = await digestOfUndo(engine.journal, engine.auditKey, claim.executionId);
  if (digest !== store.digest())
    return {
      kind: 'failed',
      why: 'The undo, read back, is not what was written. Nothing was done.',
      items: [],
    };
  const undo = { summary: made.summary, bytes: store.bytes(), digest };
  await perform(engine, (draft) => draft.write(noteUndo(claim.executionId, undo)));
  return null;
}

function endingOf(
  outcome: ActionOutcome,
  kept: readonly { readonly name: string }[],
  isNew: readonly { readonly name: string }[],
): Ending {
  if (outcome.state === 'superseded') return { kind: 'superseded', differs: [outcome.summary] };
  const untouched = [
    ...kept.map((item) => ({
      name: item.name,
      outcome: 'kept' as const,
      note: 'no longer qualifies: it came into use, or is gone',
    })),
    ...isNew.map((item) => ({
      name: item.name,
      outcome: 'kept' as const,
      note: 'new since the approval: not touched',
    })),
  ];
  const output = outcome.output === undefined ? {} : { output: outcome.output };
  return { kind: outcome.state, why: outcome.summary, items: [...outcome.items, ...untouched], ...output };
}
