/** One step as it is written: its own keys, and everything else as settings of its kind. */
import type { ZodType } from 'zod';
import { ENGINE_SERVICE } from '../domain/bind-runbook.ts';
import { sayDuration } from '../domain/duration.ts';
import type { Kinds } from '../domain/kinds.ts';
import { didYouMean } from '../domain/nearest.ts';
import { type ParamValues, placesIn } from '../domain/params.ts';
import type { PlacedProblem } from '../domain/placed-problem.ts';
import { resolveStep } from '../domain/resolve-step.ts';
import type { ActionStep, ProbeStep, ServiceEntry, Step } from '../domain/runbook.ts';
import { ENGINE_ITSELF } from '../domain/service-problems.ts';
import { check } from './check.ts';
import type { Path } from './problem.ts';
import { actionFields, probeFields, taskFields } from './schemas.ts';
import { faults, type YamlFile } from './yaml-file.ts';

export interface StepContext {
  readonly file: YamlFile;
  readonly kinds: Kinds;
  readonly system: string;
  readonly services: readonly ServiceEntry[];
  /** Of a runbook with parameters: values of each, to look into its steps with. */
  readonly samples?: readonly ParamValues[];
}

type Fields = Readonly<Record<string, unknown>>;

const PROBE_TIMEOUT_MS = 5_000;
const ACTION_TIMEOUT_MS = 60_000;

/** The step with its `{name}` places, which are filled in when it is resolved. Null: reported. */
export function readStep(written: Fields, path: Path, key: string, context: StepContext): Step | null {
  if ('task' in written) {
    const fields = check(taskFields, written, context.file, path);
    return fields === null ? null : { type: 'task', key, title: fields.title ?? null, task: fields.task };
  }
  if (!checkPlaces(written, path, context)) return null;
  if ('action' in written) {
    const step = actionStep(written, path, key, context.file);
    return step !== null && fits({ type: 'action', ...step }, written, path, context)
      ? { type: 'action', ...step }
      : null;
  }
  const step = readProbeStep(written, path, key, context);
  return step === null ? null : { type: 'probe', ...step };
}

/** Only a runbook with parameters has places for them; elsewhere braces are just text. */
function checkPlaces(value: Fields, path: Path, { file, samples: [first = {}] = [] }: StepContext): boolean {
  const names = Object.keys(first);
  if (names.length === 0) return true;
  const [unknown] = placesIn(value).filter((name) => !names.includes(name));
  if (unknown === undefined) return true;
  const near = didYouMean(unknown, names);
  file.fault(path, `there is no parameter "${unknown}"; expected one of ${names.join(', ')}${near}`);
  return false;
}

export function readProbeStep(
  value: Fields,
  path: Path,
  key: string,
  context: StepContext,
): ProbeStep | null {
  const fields = check(probeFields, value, context.file, path);
  if (fields === null) return null;
  const step: ProbeStep = {
    key,
    title: fields.title ?? null,
    probe: fields.probe,
    service: fields.service ?? ENGINE_SERVICE,
    settings: settingsOf(value, probeFields),
    expect: fields.expect ?? null,
    withinMs: fields.within ?? 0,
    timeoutMs: fields.timeout ?? PROBE_TIMEOUT_MS,
  };
  const good = [
    fits({ type: 'probe', ...step }, value, path, context),
    checkPatience(step, fields.timeout !== undefined, path, context),
  ];
  return good.every(Boolean) ? step : null;
}

/** Who waits for less than one attempt may take would call a slow answer a failure before it is there. */
function checkPatience(
  { withinMs, timeoutMs }: ProbeStep,
  isWritten: boolean,
  path: Path,
  { file }: StepContext,
): boolean {
  if (withinMs === 0 || withinMs >= timeoutMs) return true;
  const [within, timeout] = [sayDuration(withinMs), sayDuration(timeoutMs)];
  const own = isWritten ? '' : ', as none is written';
  file.fault(
    [...path, 'within'],
    `within is ${within}, and one attempt may take ${timeout} (its timeout${own}); expected within of ${timeout} or more, or a shorter timeout`,
  );
  return false;
}

function actionStep(value: Fields, path: Path, key: string, file: YamlFile): ActionStep | null {
  const fields = check(actionFields, value, file, path);
  if (fields === null) return null;
  return {
    key,
    title: fields.title ?? null,
    action: fields.action,
    service: fields.service ?? ENGINE_SERVICE,
    settings: settingsOf(value, actionFields),
    danger: fields.danger ?? null,
    timeoutMs: fields.timeout ?? ACTION_TIMEOUT_MS,
    ...(fields.approvals === undefined ? {} : { approvals: everywhere(fields.approvals) }),
    ...(fields.resumes === undefined ? {} : { resumes: fields.resumes }),
  };
}

type Approvals = NonNullable<ActionStep['approvals']>;

const everywhere = (approvals: number | Approvals): Approvals =>
  typeof approvals === 'number' ? { dev: approvals, test: approvals, prod: approvals } : approvals;

/** Resolved as it will be when it runs, with each of the samples; what is wrong is reported at its place. */
function fits(
  step: Exclude<Step, { readonly type: 'task' }>,
  written: Fields,
  path: Path,
  { file, kinds, system, services, samples = [{}] }: StepContext,
): boolean {
  const ownKeys = Object.keys((step.type === 'action' ? actionFields : probeFields).shape);
  const around = { system, services, kinds, ownKeys };
  const problems = samples.flatMap((sample) => resolveStep(step, sample, around).problems);
  faults(file, path, named(problems, written, step.type));
  return problems.length === 0;
}

/** A step without `service:` is the engine's; where it can't be, the service was forgotten. */
export function named(
  problems: readonly PlacedProblem[],
  written: Fields,
  type: 'probe' | 'action',
): readonly PlacedProblem[] {
  if ('service' in written) return problems;
  return problems.map((problem) =>
    problem.path[0] === 'service'
      ? { path: [type], message: problem.message.replace(ENGINE_ITSELF, 'service is missing') }
      : problem,
  );
}

/** Every key that isn't the step's own. */
export function settingsOf(value: Fields, own: ZodType & { readonly shape: object }): Fields {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !Object.hasOwn(own.shape, key)));
}
