/** Every plan of a runbook, from the live targets, touching nothing. */
import { createActionKinds } from '../actions/index.ts';
import { type ActionContext, isRefused, type PlanDraft } from '../domain/action.ts';
import { ALERT_SERVICE, bindRunbook, ENGINE_SERVICE } from '../domain/bind-runbook.ts';
import type { ParamValues } from '../domain/params.ts';
import { type Resolved, resolveStep } from '../domain/resolve-step.ts';
import type { ActionStep, Runbook, System } from '../domain/runbook.ts';
import { sayScope } from '../domain/say-scope.ts';
import { probeKinds } from '../probes/index.ts';

const UNDO_MAX_BYTES = 256 * 1024 * 1024;

export interface DryRun {
  readonly lines: readonly string[];
  /** A plan could not be made; its line names the step. */
  readonly failed: boolean;
}

/** `service`: for steps of the service that an alert names; null: the first one with a container stands for it. */
export async function dryRun(
  system: System,
  runbook: Runbook,
  values: ParamValues,
  service: string | null,
): Promise<DryRun> {
  const example = system.services.find(({ target }) => target.container !== null)?.name ?? null;
  const usesAlert = runbook.recover.some(({ steps }) =>
    steps.some((step) => 'service' in step && step.service === ALERT_SERVICE),
  );
  const bound = bindRunbook(runbook, system, service ?? example);
  const note =
    usesAlert && service === null ? [`  (for ${example} as an example; service=NAME chooses another)`] : [];
  const parts =
    runbook.steps.length > 0
      ? [{ title: runbook.title, steps: runbook.steps }]
      : bound.recover.map(({ title, steps }) => ({ title, steps }));
  const kinds = { probeKinds, actionKinds: createActionKinds({ undoMaxBytes: UNDO_MAX_BYTES }) };
  const around = { system: system.name, services: system.services, kinds };
  const lines: string[] = [];
  let failed = false;
  for (const part of parts) {
    lines.push(`${runbook.id}: ${part.title}`, ...note);
    for (const step of part.steps) {
      const made = await planLines(system, resolveStep(step, values, around).step);
      failed ||= made.failed;
      lines.push(...made.lines);
    }
  }
  if (parts.length === 0) lines.push(`${runbook.id}: it only diagnoses; nothing in it acts`);
  return { lines, failed };
}

async function planLines(system: System, step: Resolved['step']): Promise<DryRun> {
  if ('task' in step)
    return { lines: [`  ${step.key}: a person: ${step.title ?? step.task}`], failed: false };
  if ('probe' in step) {
    const wait = step.withinMs === 0 ? 'asked once' : `until up, at most ${step.withinMs / 1000} s`;
    return {
      lines: [`  ${step.key} (${step.probe} on ${system.name}/${step.service}): ${wait}`],
      failed: false,
    };
  }
  return planAction(system, step);
}

async function planAction(system: System, step: ActionStep): Promise<DryRun> {
  const name = `  ${step.key} (${step.action} on ${system.name}/${step.service === ENGINE_SERVICE ? 'its Docker engine' : step.service})`;
  const cannot = (why: string): DryRun => ({ lines: [`${name}: can’t be planned: ${why}`], failed: true });
  const kind = createActionKinds({ undoMaxBytes: UNDO_MAX_BYTES }).get(step.action);
  const entry = system.services.find((candidate) => candidate.name === step.service);
  if (kind === undefined || entry === undefined) return cannot('unknown action or service');
  if (entry.notConfigured !== null && entry.target.url === null && entry.target.container === null)
    return cannot(`${step.service} is not configured: ${entry.notConfigured}`);
  const context: ActionContext = {
    signal: AbortSignal.timeout(step.timeoutMs),
    timeoutMs: step.timeoutMs,
    self: {
      queueRedisRunId: async () => null,
      queueReplicaRunIds: async () => [],
      journalDatabase: async () => null,
      containerId: null,
      volumes: [],
    },
    progress: () => undefined,
  };
  try {
    const plan = await kind.plan(entry.target, kind.settings.parse(step.settings), context);
    if (isRefused(plan)) return cannot(plan.refused);
    if (plan.marker !== null && plan.marker !== entry.target.environment)
      return cannot(`the target says it is ${plan.marker}, the catalog says ${entry.target.environment}`);
    return { lines: [name, ...describe(plan)], failed: false };
  } catch (error) {
    return cannot(error instanceof Error ? error.message : String(error));
  }
}

function describe(plan: PlanDraft): readonly string[] {
  const identity = Object.entries(plan.identity).map(([fact, value]) => `${fact} ${value}`);
  const scope =
    plan.scope.kind === 'items'
      ? plan.scope.items.map((item) => `    scope: ${item.name} ${item.note}`)
      : [`    scope: ${sayScope(plan.scope)}`];
  return [
    `    identity: ${identity.join(', ')}`,
    ...scope,
    ...plan.preview.map((line) => `    ${line}`),
    `    undo: ${plan.undo.kind === 'none' ? `none: ${plan.undo.reason}` : plan.undo.how}`,
  ];
}
