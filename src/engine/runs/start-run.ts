/** Begins a run: pins its definition, writes its steps and makes the first ones due. */
import { DANGERS, type Danger } from '../../domain/action.ts';
import { advance } from '../../domain/advance.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { isStepwise } from '../../domain/lives.ts';
import { fillIn, type ParamValues } from '../../domain/params.ts';
import type { ActionStep, Condition, ProbeStep, RecoverOption, Runbook, Step } from '../../domain/runbook.ts';
import { nextId } from '../../journal/incidents.ts';
import { endRun, insertRun, type RunRow } from '../../journal/runs.ts';
import { insertSteps, type StepDraft } from '../../journal/steps.ts';
import { findService, pinRunbook } from '../core/definitions.ts';
import type { Engine } from '../core/engine.ts';
import type { Draft } from '../core/perform.ts';

export interface ConditionStep extends Condition {
  readonly key: 'condition';
}

const probeDraft = (step: ProbeStep): StepDraft => ({ type: 'probe', danger: 'safe', definition: step });

function conditionDraft(runbook: Runbook): readonly StepDraft[] {
  if (runbook.condition === null) return [];
  const definition: ConditionStep = { key: 'condition', ...runbook.condition };
  return [{ type: 'condition', danger: 'safe', definition }];
}

function stepDraft(engine: Engine, system: string, written: Step, params: ParamValues): StepDraft {
  const step = fillIn(written, params);
  if (step.type === 'probe') return probeDraft(step);
  if (step.type === 'task') return { type: 'task', danger: 'safe', definition: step };
  return { type: 'action', danger: dangerOf(engine, system, step), definition: step };
}

/** The kind's own, or what the runbook raises it to. */
export function dangerOf(engine: Engine, system: string, step: ActionStep): Danger {
  const own = ownDanger(engine, system, step);
  return DANGERS[Math.max(DANGERS.indexOf(own), DANGERS.indexOf(step.danger ?? own))] ?? own;
}

/** Of a program or call: what the system's own file declares. What nobody knows is destructive. */
function ownDanger(engine: Engine, system: string, step: ActionStep): Danger {
  const kind = engine.actionKinds.get(step.action);
  const target = findService(engine, system, step.service)?.target;
  const settings = kind?.settings.safeParse(step.settings);
  if (kind === undefined || target === undefined || settings?.success !== true) return 'destructive';
  return kind.dangerOf === undefined ? kind.danger : (kind.dangerOf(target, settings.data) ?? 'destructive');
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
    insertRun({
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
    runId,
    1,
    steps.map((step, index) => ({ ...step, due: together || index === 0 })),
  );
  draft.wake(together ? stepIds : stepIds.slice(0, 1));
  if (stepIds.length === 0) await draft.write(endRun(runId, advance(run.kind, []).state));
  return { runId, stepIds };
}

function stepsOf(engine: Engine, run: RunDraft): readonly StepDraft[] {
  switch (run.kind) {
    case 'diagnosis':
      return [
        ...conditionDraft(run.runbook),
        ...[...run.runbook.diagnose, ...furtherChecks(engine, run)].map(probeDraft),
      ];
    case 'recovery':
    case 'operation': {
      const steps = run.steps ?? run.option?.steps ?? run.runbook.steps;
      return steps.map((step) => stepDraft(engine, run.runbook.system, step, run.params ?? {}));
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
  const same = ({ probe, service: of, settings }: ProbeStep) => canonicalJson({ probe, of, settings });
  const asked = new Set(runbook.diagnose.map(same));
  return (entry?.checks ?? []).filter((check) => !check.deep && !asked.has(same(check)));
}
