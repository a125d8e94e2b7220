/** Every plan of a runbook, from the live targets, touching nothing: made, refused and judged as the bot would. */
import { type ActionKind, isRefused, type Plan } from '../domain/action.ts';
import { ALERT_SERVICE, bindRunbook } from '../domain/bind-runbook.ts';
import { BOX_KEYS, BOXES, barred, LEAD_BOX, needsBoxes } from '../domain/change-rules.ts';
import { mayDecide } from '../domain/decide.ts';
import type { Kinds, ProbeKindFacts } from '../domain/kinds.ts';
import { rulesOf } from '../domain/organisation.ts';
import type { ParamValues } from '../domain/params.ts';
import { type Resolved, type ResolvedAction, resolveStep, sayService } from '../domain/resolve-step.ts';
import type { Organisation, Runbook, System } from '../domain/runbook.ts';
import { sayScope } from '../domain/say-scope.ts';
import { type Planner, planResolved } from '../engine/changes/make-plan.ts';

export interface DryRunner extends Planner {
  readonly kinds: Kinds<ProbeKindFacts, ActionKind>;
  readonly organisation: Organisation;
  /** `observe`: the bot would plan and ask, and carry nothing out. */
  readonly mode: 'act' | 'observe';
  readonly now: Date;
  /** Nothing may begin: as the journal has it, where there is one. Null: it doesn't answer. */
  readonly halted: boolean | null;
}

export interface DryRun {
  readonly lines: readonly string[];
  /** A step could not be planned, or the bot would refuse it now; its line says so. */
  readonly failed: boolean;
}

/** `service`: for steps of the service that an alert names; null: the first one with a container stands for it. */
export async function dryRun(
  runner: DryRunner,
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
  const planned = runbook.steps.length > 0;
  const parts = planned
    ? [{ title: runbook.title, steps: runbook.steps }]
    : bound.recover.map(({ title, steps }) => ({ title, steps }));
  const around = { system: system.name, services: system.services, kinds: runner.kinds };
  const lines: string[] = [];
  let failed = false;
  for (const part of parts) {
    lines.push(`${runbook.id}: ${part.title}`, ...note);
    for (const step of part.steps) {
      const made = await stepLines(runner, system, resolveStep(step, values, around), planned);
      failed ||= made.failed;
      lines.push(...made.lines);
    }
  }
  if (parts.length === 0) lines.push(`${runbook.id}: it only diagnoses; nothing in it acts`);
  if (runner.halted === true) lines.push('Everything is halted: a tech lead must lift it first.');
  if (runner.halted === null)
    lines.push('The journal doesn’t answer: nobody knows whether everything is halted.');
  return { lines, failed: failed || runner.halted === true };
}

async function stepLines(
  runner: DryRunner,
  system: System,
  resolved: Resolved<ProbeKindFacts, ActionKind>,
  planned: boolean,
): Promise<DryRun> {
  switch (resolved.type) {
    case 'task': {
      const { key, title, task } = resolved.step;
      return { lines: [`  ${key}: a person: ${title ?? task}`], failed: false };
    }
    case 'probe': {
      const { key, probe, service, withinMs } = resolved.step;
      const wait = withinMs === 0 ? 'asked once' : `until up, at most ${withinMs / 1000} s`;
      const name = `  ${key} (${probe} on ${system.name}/${service})`;
      const [problem] = resolved.problems;
      return problem === undefined
        ? { lines: [`${name}: ${wait}`], failed: false }
        : { lines: [`${name}: can’t be asked: ${problem.message}`], failed: true };
    }
    case 'action':
      return actionLines(runner, system, resolved, planned);
    default:
      return resolved satisfies never;
  }
}

async function actionLines(
  runner: DryRunner,
  system: System,
  resolved: ResolvedAction<ActionKind>,
  planned: boolean,
): Promise<DryRun> {
  const { step } = resolved;
  const name = `  ${step.key} (${step.action} on ${system.name}/${sayService(step.service)})`;
  const plan = await planResolved(runner, system.name, resolved);
  if (isRefused(plan)) return { lines: [`${name}: can’t be planned: ${plan.refused}`], failed: true };
  const change = { system: system.name, environment: plan.environment, planned };
  const bar = plan.danger === 'safe' ? null : barred(change, rulesOf(runner.organisation), runner.now);
  const refused = bar === null ? [] : [`    refused now: ${bar.sentence}`];
  const observed = runner.mode === 'observe' ? ['    not carried out: PAGETURNER_MODE is observe'] : [];
  const lines = [name, ...refused, ...planLines(plan), ...decisionLines(plan, planned), ...observed];
  return { lines, failed: bar !== null };
}

/** Who must agree before it runs. */
function decisionLines(plan: Plan, planned: boolean): readonly string[] {
  const { danger } = plan;
  if (danger === 'safe') return ['    danger: safe: nobody is asked'];
  const who = mayDecide({ danger, approvers: plan.approvers ?? [] }).replace(/,$/u, '');
  const people = plan.quorum === 1 ? '1 person' : `${plan.quorum} people`;
  const notAsker = danger === 'destructive' ? '; never whoever asked' : '';
  return [
    `    danger: ${danger}`,
    `    approved by: ${people}: ${who}${notAsker}`,
    ...ruleLines(plan, planned),
  ];
}

/** In production: what stands before a planned change; an emergency goes without. */
function ruleLines({ system, environment }: Plan, planned: boolean): readonly string[] {
  if (needsBoxes({ system, environment, planned }))
    return [`    first: ${[...BOX_KEYS.map((box) => BOXES[box]), LEAD_BOX].join('; ')}`];
  if (environment !== 'prod' || planned) return [];
  return ['    emergency: for an incident whose alert fires; without one it is a planned change'];
}

function planLines(plan: Plan): readonly string[] {
  const identity = Object.entries(plan.identity).map(([fact, value]) => `${fact} ${value}`);
  const scope =
    plan.scope.kind === 'items'
      ? plan.scope.items.map((item) => `    scope: ${item.name} ${item.note}`)
      : [`    scope: ${sayScope(plan.scope)}`];
  return [
    `    identity: ${identity.join(', ')}`,
    `    environment: ${plan.environment} (${plan.marker === null ? 'unmarked' : `marked ${plan.marker}`})`,
    ...scope,
    ...plan.preview.map((line) => `    ${line}`),
    ...plan.sharedWith.map((text) => `    also there: ${text}`),
    `    undo: ${plan.undo.kind === 'none' ? `none: ${plan.undo.reason}` : plan.undo.how}`,
  ];
}
