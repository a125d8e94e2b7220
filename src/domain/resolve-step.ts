/**
 * What a step is once its parameters are known: its kind, its service, its complete settings, its danger, and what is
 * wrong with it. Lint, played tests, dry runs, `/ops runbook` and the engine all ask here, so that what is shown is
 * what runs.
 */
import { type Danger, highest } from './action.ts';
import { avoidedProblems } from './avoided.ts';
import { ENGINE_SERVICE, HEALTH_PROBE } from './bind-runbook.ts';
import { expectationProblems } from './expectation-problems.ts';
import { type ActionKindFacts, actionNeeds, type Kinds, type Needs, type ProbeKindFacts } from './kinds.ts';
import { unknownName } from './nearest.ts';
import { fillIn, type ParamValues } from './params.ts';
import { inside, type PlacedProblem, show } from './placed-problem.ts';
import type { ActionStep, ProbeStep, ServiceEntry, Step, TaskStep } from './runbook.ts';
import { schemaProblems } from './schema-problems.ts';
import { serviceProblems } from './service-problems.ts';

export interface Surroundings<
  P extends ProbeKindFacts = ProbeKindFacts,
  A extends ActionKindFacts = ActionKindFacts,
> {
  readonly system: string;
  readonly services: readonly ServiceEntry[];
  readonly kinds: Kinds<P, A>;
  /** The step's own keys, named beside the kind's settings where a key is not known. */
  readonly ownKeys?: readonly string[];
}

interface Common {
  /** Null: the alert's, which isn't known yet, or none of the system's. */
  readonly entry: ServiceEntry | null;
  readonly needs: Needs;
  /** Places are those in the step's own map. Empty: it fits its service. */
  readonly problems: readonly PlacedProblem[];
}

export interface ResolvedProbe<P extends ProbeKindFacts = ProbeKindFacts> extends Common {
  readonly type: 'probe';
  /** Filled in; `health` has become what the service's health asks. */
  readonly step: ProbeStep;
  readonly kind: P | null;
  readonly danger: 'safe';
}

export interface ResolvedAction<A extends ActionKindFacts = ActionKindFacts> extends Common {
  readonly type: 'action';
  readonly step: ActionStep;
  readonly kind: A | null;
  /** The kind's own (of a program or call: what the system's file declares), or what the runbook raises it to. */
  readonly danger: Danger;
}

export interface ResolvedTask {
  readonly type: 'task';
  readonly step: TaskStep;
  readonly danger: 'safe';
  readonly problems: readonly PlacedProblem[];
}

export type Resolved<P extends ProbeKindFacts = ProbeKindFacts, A extends ActionKindFacts = ActionKindFacts> =
  | ResolvedProbe<P>
  | ResolvedAction<A>
  | ResolvedTask;

/** Pure. What was resolved before, and kept in a journal, stays as it is. */
export function resolveStep<P extends ProbeKindFacts, A extends ActionKindFacts>(
  written: Step,
  params: ParamValues,
  around: Surroundings<P, A>,
): Resolved<P, A> {
  const step = fillIn(written, params);
  switch (step.type) {
    case 'task':
      return { type: 'task', step, danger: 'safe', problems: [] };
    case 'probe':
      return resolveProbe(step, around);
    case 'action':
      return resolveAction(step, around);
    default:
      return step satisfies never;
  }
}

/** Without parameters: a step of `diagnose` or `verify`, a further check, or a condition's question. */
export function resolveProbe<P extends ProbeKindFacts>(
  written: ProbeStep,
  around: Surroundings<P>,
): ResolvedProbe<P> {
  const entry = entryOf(written.service, around);
  if (written.probe === HEALTH_PROBE) return resolveHealth(written, entry, around);
  const { probeKinds } = around.kinds;
  const kind = probeKinds.get(written.probe) ?? null;
  if (kind === null) {
    const message = unknownName('probe', written.probe, [...probeKinds.keys(), HEALTH_PROBE]);
    const problems = [{ path: ['probe'], message }];
    return { type: 'probe', step: written, kind, entry, danger: 'safe', needs: 'nothing', problems };
  }
  const problems = [
    ...settingsProblems(kind, written.settings, around),
    ...avoidedProblems(written.settings.path, entry?.avoid ?? []),
    ...serviceProblems(written.service, kind.name, kind.needs, around),
    ...(written.expect === null ? [] : inside(['expect'], expectationProblems(written.expect, kind))),
  ];
  return { type: 'probe', step: written, kind, entry, danger: 'safe', needs: kind.needs, problems };
}

/** `probe: health`: what the service's health asks, without repeating it; its settings are the service's to mend. */
function resolveHealth<P extends ProbeKindFacts>(
  written: ProbeStep,
  entry: ServiceEntry | null,
  around: Surroundings<P>,
): ResolvedProbe<P> {
  const health = entry?.probe ?? null;
  const kind = health === null ? null : (around.kinds.probeKinds.get(health.probe) ?? null);
  const takes = 'the probe health takes its settings from the service';
  const extra = Object.keys(written.settings).map((name) => ({
    path: [name],
    message: `unknown key "${name}"; ${takes}`,
    at: 'key' as const,
  }));
  const ofService = serviceProblems(written.service, HEALTH_PROBE, { schemes: [] }, around);
  const expected =
    kind === null || written.expect === null
      ? []
      : inside(['expect'], expectationProblems(written.expect, kind));
  return {
    type: 'probe',
    step: health === null ? written : withHealthProbe(written, health),
    kind,
    entry,
    danger: 'safe',
    needs: kind?.needs ?? 'nothing',
    problems: [
      ...extra,
      ...ofService,
      ...expected,
      ...(entry === null || health !== null ? [] : [noHealth(entry, around)]),
    ],
  };
}

/** The step asks what the service's health probe asks; its own title, waits and expectation stay. */
function withHealthProbe(step: ProbeStep, health: ProbeStep): ProbeStep {
  const { probe, settings, timeoutMs } = health;
  return { ...step, probe, settings, timeoutMs, expect: step.expect ?? health.expect };
}

function noHealth({ name }: ServiceEntry, { services }: Pick<Surroundings, 'services'>): PlacedProblem {
  const names = services.filter(({ probe }) => probe !== null).map((one) => one.name);
  return { path: ['service'], message: `${name} is no part of health; expected one of ${names.join(', ')}` };
}

export function resolveAction<A extends ActionKindFacts>(
  step: ActionStep,
  around: Surroundings<ProbeKindFacts, A>,
): ResolvedAction<A> {
  const { kinds } = around;
  const entry = entryOf(step.service, around);
  const kind = kinds.actionKinds.get(step.action) ?? null;
  if (kind === null) {
    const message = unknownName('action', step.action, kinds.actionKinds.keys());
    const problems = [{ path: ['action'], message }];
    return { type: 'action', step, kind, entry, danger: 'destructive', needs: 'nothing', problems };
  }
  const needs = actionNeeds(kind, kinds);
  const own = ownDanger(kind, step, entry);
  const problems = [
    ...loweredProblems(step, kind.name, own),
    ...settingsProblems(kind, step.settings, around),
    ...serviceProblems(step.service, kind.name, needs, around),
    ...declaredProblems(kind, step, around),
  ];
  return { type: 'action', step, kind, entry, needs, danger: highest(own, step.danger ?? own), problems };
}

/** Of a program or call: what the system's own file declares. What nobody knows is destructive. */
function ownDanger(kind: ActionKindFacts, step: ActionStep, entry: ServiceEntry | null): Danger {
  if (kind.dangerOf === undefined) return kind.danger;
  const settings = kind.settings.safeParse(step.settings);
  if (entry === null || !settings.success) return 'destructive';
  return kind.dangerOf(entry.target, settings.data) ?? 'destructive';
}

function loweredProblems({ danger }: ActionStep, name: string, own: Danger): readonly PlacedProblem[] {
  if (danger === null || highest(own, danger) === danger) return [];
  const message = `danger is ${show(danger)}; ${name} is ${own}, which a runbook can raise but never lower`;
  return [{ path: ['danger'], message }];
}

/** A program or call must be one that the system's own file declares, with a value for each of its places. */
function declaredProblems(
  kind: ActionKindFacts,
  { settings }: ActionStep,
  { services }: Surroundings,
): readonly PlacedProblem[] {
  const declared = services[0]?.target.declared;
  const parsed = kind.settings.safeParse(settings);
  if (kind.checkDeclared === undefined || declared === undefined || !parsed.success) return [];
  return kind.checkDeclared(declared, parsed.data);
}

function settingsProblems(
  { settings: schema }: Pick<ProbeKindFacts, 'settings'>,
  settings: ProbeStep['settings'],
  { ownKeys = [] }: Surroundings,
): readonly PlacedProblem[] {
  const parsed = schema.safeParse(settings);
  return parsed.success ? [] : schemaProblems(schema, settings, parsed.error.issues, { others: ownKeys });
}

const entryOf = (service: string, { services }: Surroundings): ServiceEntry | null =>
  services.find(({ name }) => name === service) ?? null;

/** A step's service in a message: the engine is called what it is. */
export const sayService = (service: string): string =>
  service === ENGINE_SERVICE ? 'its Docker engine' : service;
