/** Begins a run: pins its definition, writes its steps and makes the first ones due. */
import { advance } from '../../domain/advance.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { isStepwise } from '../../domain/lives.ts';
import type { ParamValues } from '../../domain/params.ts';
import type { Resolved } from '../../domain/resolve-step.ts';
import type { Condition, ProbeStep, RecoverOption, Runbook, Step } from '../../domain/runbook.ts';
import { nextId } from '../../journal/incidents.ts';
import { planReading } from '../../journal/readings.ts';
import { endRun, insertRun, type RunRow } from '../../journal/runs.ts';
import { insertSteps, type StepDraft } from '../../journal/steps.ts';
import { findService, pinRunbook } from '../core/definitions.ts';
import type { Engine } from '../core/engine.ts';
import type { Draft } from '../core/perform.ts';
import { resolveIn, resolveProbeIn } from '../core/resolve.ts';

export interface ConditionStep extends Condition {
  readonly key: 'condition';
}

/** As it is asked, or as it is planned: what its row keeps is what runs, whatever becomes of the catalog meanwhile. */
function stepDraft(resolved: Resolved): StepDraft {
  const { danger } = resolved;
  switch (resolved.type) {
    case 'task':
      return { type: 'task', danger, definition: resolved.step };
    case 'probe':
      return { type: 'probe', danger, definition: resolved.step };
    case 'action':
      return { type: 'action', danger, definition: resolved.step };
    default:
      return resolved satisfies never;
  }
}

function conditionDraft(runbook: Runbook): readonly StepDraft[] {
  if (runbook.condition === null) return [];
  const definition: ConditionStep = { key: 'condition', ...runbook.condition };
  return [{ type: 'condition', danger: 'safe', definition }];
}

interface RunDraft {
  readonly incidentId: number | null;
  readonly kind: RunRow['kind'];
  readonly runbook: Runbook;
  /** Whose further checks a diagnosis asks as well. */
  readonly service?: string | null;
  readonly askedBy: string;
  readonly askedKey?: string | null;
  readonly option?: RecoverOption | null;
  /** Without an option of the runbook. */
  readonly optionKey?: string;
  readonly afterRun?: number | null;
  readonly title: string;
  readonly params?: ParamValues;
  /** Instead of the runbook's own. */
  readonly steps?: readonly Step[];
}

/** Returns the run's id and its steps'. A run with nothing to do ends at once. */
export async function startRun(
  engine: Engine,
  draft: Draft,
  run: RunDraft,
): Promise<{ readonly runId: number; readonly stepIds: readonly number[] }> {
  const steps = stepsOf(engine, run);
  const definitionHash = await pinRunbook(draft, run.runbook);
  const runId = await nextId(draft.tx, 'runs');
  await draft.write(
    insertRun(engine.auditKey, {
      id: runId,
      incidentId: run.incidentId,
      kind: run.kind,
      runbookId: run.runbook.id,
      definitionHash,
      askedBy: run.askedBy,
      askedKey: run.askedKey ?? null,
      optionKey: run.option?.key ?? run.optionKey ?? null,
      title: run.title,
      afterRun: run.afterRun ?? null,
      params: run.params ?? {},
    }),
  );
  const together = !isStepwise(run.kind);
  const stepIds = await insertSteps(
    draft.tx,
    engine.auditKey,
    runId,
    1,
    steps.map((step, index) => ({ ...step, due: together || index === 0 })),
  );
  // Before anything is done: what is true now must be gone later.
  if (!together && run.incidentId !== null) await draft.write(planReading(run.incidentId, 'as before'));
  draft.wake(together ? stepIds : stepIds.slice(0, 1));
  if (stepIds.length === 0) await draft.write(endRun(runId, advance(run.kind, []).state));
  return { runId, stepIds };
}

function stepsOf(engine: Engine, run: RunDraft): readonly StepDraft[] {
  const { system } = run.runbook;
  const probeDraft = (step: ProbeStep): StepDraft => stepDraft(resolveProbeIn(engine, system, step));
  switch (run.kind) {
    case 'diagnosis':
      return [
        ...conditionDraft(run.runbook),
        ...[...run.runbook.diagnose, ...furtherChecks(engine, run)].map(probeDraft),
      ];
    case 'recovery':
    case 'operation': {
      const steps = run.steps ?? run.option?.steps ?? run.runbook.steps;
      return steps.map((step) => stepDraft(resolveIn(engine, system, step, run.params)));
    }
    case 'verification':
      return [...conditionDraft(run.runbook), ...run.runbook.verify.map(probeDraft)];
    default:
      return run.kind satisfies never;
  }
}

/** The service's own checks that cost nothing and that the runbook doesn't ask already. */
function furtherChecks(engine: Engine, { runbook, service }: RunDraft): readonly ProbeStep[] {
  const entry = findService(engine, runbook.system, service ?? '');
  const same = (written: ProbeStep) => {
    const { probe, service: of, settings } = resolveProbeIn(engine, runbook.system, written).step;
    return canonicalJson({ probe, of, settings });
  };
  const asked = new Set(runbook.diagnose.map(same));
  return (entry?.checks ?? []).filter((check) => !check.deep && !asked.has(same(check)));
}
