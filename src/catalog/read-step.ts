/** One probe or action step: its own keys, its kind, its service, its settings. */
import type { ZodType } from 'zod';
import { DANGERS } from '../domain/action.ts';
import { ALERT_SERVICE, ENGINE_SERVICE, HEALTH_PROBE, withHealthProbe } from '../domain/bind-runbook.ts';
import { sayDuration } from '../domain/duration.ts';
import { didYouMean } from '../domain/nearest.ts';
import { fillIn, type ParamValues, placesIn } from '../domain/params.ts';
import type { ProbeKind } from '../domain/probe.ts';
import type { ActionStep, ProbeStep, ServiceEntry, Step } from '../domain/runbook.ts';
import { check } from './check.ts';
import { checkAvoided } from './check-avoided.ts';
import { checkExpectation } from './check-expectation.ts';
import { type ActionKindFacts, actionNeeds, dangerOfKind, type Kinds, type ProbeKindFacts } from './kinds.ts';
import { type Path, show } from './problem.ts';
import { actionFields, probeFields, taskFields } from './schemas.ts';
import type { YamlFile } from './yaml-file.ts';

export interface StepContext {
  readonly file: YamlFile;
  readonly kinds: Kinds;
  readonly system: string;
  readonly services: readonly ServiceEntry[];
  /** Of a runbook with parameters: an example of each, to look into its steps with. */
  readonly samples?: ParamValues;
}

type Fields = Readonly<Record<string, unknown>>;

const PROBE_TIMEOUT_MS = 5_000;
const ACTION_TIMEOUT_MS = 60_000;

/** With parameters: looked into with an example of each; the step keeps its `{name}` places. */
export function readStep(written: Fields, path: Path, key: string, context: StepContext): Step | null {
  if ('task' in written) {
    const fields = check(taskFields, written, context.file, path);
    return fields === null ? null : { type: 'task', key, title: fields.title ?? null, task: fields.task };
  }
  if (!checkPlaces(written, path, context)) return null;
  const value = fillIn(written, context.samples ?? {});
  const step = readFilled(value, path, key, context);
  if (step === null || context.samples === undefined) return step;
  const own = 'action' in written ? actionFields : probeFields;
  const service = typeof written.service === 'string' ? written.service : null;
  return { ...step, settings: settingsOf(written, own), ...(service === null ? {} : { service }) };
}

/** Only a runbook with parameters has places for them; elsewhere braces are just text. */
function checkPlaces(value: Fields, path: Path, { file, samples = {} }: StepContext): boolean {
  const names = Object.keys(samples);
  if (names.length === 0) return true;
  const [unknown] = placesIn(value).filter((name) => !names.includes(name));
  if (unknown === undefined) return true;
  const near = didYouMean(unknown, names);
  file.fault(path, `there is no parameter "${unknown}"; expected one of ${names.join(', ')}${near}`);
  return false;
}

function readFilled(
  value: Fields,
  path: Path,
  key: string,
  context: StepContext,
): Exclude<Step, { readonly type: 'task' }> | null {
  if ('action' in value) {
    const step = readActionStep(value, path, key, context);
    return step === null ? null : { type: 'action', ...step };
  }
  const step = readProbeStep(value, path, key, context);
  return step === null ? null : { type: 'probe', ...step };
}

export function readProbeStep(
  value: Fields,
  path: Path,
  key: string,
  context: StepContext,
): ProbeStep | null {
  const fields = check(probeFields, value, context.file, path);
  if (fields === null) return null;
  const settings = settingsOf(value, probeFields);
  const step: ProbeStep = {
    key,
    title: fields.title ?? null,
    probe: fields.probe,
    service: fields.service ?? ENGINE_SERVICE,
    settings,
    expect: fields.expect ?? null,
    withinMs: fields.within ?? 0,
    timeoutMs: fields.timeout ?? PROBE_TIMEOUT_MS,
  };
  if (fields.probe === HEALTH_PROBE) return readHealthStep(step, fields.service, path, context);
  const kind = findProbe(fields.probe, path, context);
  if (kind === null) return null;
  const others = Object.keys(probeFields.shape);
  const avoid = context.services.find((entry) => entry.name === fields.service)?.avoid ?? [];
  const good = [
    check(kind.settings, settings, context.file, path, others) !== null,
    checkAvoided(settings.path, avoid, path, context.file),
    checkService(fields.service, kind.name, kind.needs, path, context),
    fields.expect === undefined || checkExpectation(fields.expect, kind, [...path, 'expect'], context.file),
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

/** `probe: health`: what the service's health asks, without repeating it. */
function readHealthStep(
  step: ProbeStep,
  service: string | undefined,
  path: Path,
  context: StepContext,
): ProbeStep | null {
  const extra = Object.keys(step.settings);
  for (const name of extra) {
    context.file.fault(
      [...path, name],
      `unknown key "${name}"; the probe health takes its settings from the service`,
      {
        at: 'key',
      },
    );
  }
  if (extra.length > 0 || !checkService(service, HEALTH_PROBE, { schemes: [] }, path, context)) return null;
  if (step.service === ALERT_SERVICE) return step;
  const health = context.services.find((entry) => entry.name === step.service)?.probe ?? null;
  if (health !== null) return withHealthProbe(step, health);
  context.file.fault(
    [...path, 'service'],
    `${step.service} is no part of health; expected one of ${names(context).join(', ')}`,
  );
  return null;
}

function readActionStep(value: Fields, path: Path, key: string, context: StepContext): ActionStep | null {
  const fields = check(actionFields, value, context.file, path);
  if (fields === null) return null;
  const { file, kinds } = context;
  const kind = kinds.actionKinds.get(fields.action);
  if (kind === undefined) {
    file.fault([...path, 'action'], unknownName('action', fields.action, kinds.actionKinds.keys()));
    return null;
  }
  const settings = settingsOf(value, actionFields);
  const others = Object.keys(actionFields.shape);
  const danger = fields.danger ?? null;
  const own = dangerOfKind(kind, settings, fields.service, context.services);
  const isLowered = danger !== null && DANGERS.indexOf(danger) < DANGERS.indexOf(own);
  if (isLowered) {
    const message = `danger is ${show(danger)}; ${kind.name} is ${own}, which a runbook can raise but never lower`;
    file.fault([...path, 'danger'], message);
  }
  const good = [
    !isLowered,
    check(kind.settings, settings, file, path, others) !== null,
    checkService(fields.service, kind.name, actionNeeds(kind, kinds), path, context),
    checkDeclared(kind, settings, path, context),
  ];
  if (!good.every(Boolean)) return null;
  return {
    key,
    title: fields.title ?? null,
    action: kind.name,
    service: fields.service ?? ENGINE_SERVICE,
    settings,
    danger,
    timeoutMs: fields.timeout ?? ACTION_TIMEOUT_MS,
    ...(fields.approvals === undefined ? {} : { approvals: everywhere(fields.approvals) }),
  };
}

type Approvals = NonNullable<ActionStep['approvals']>;

const everywhere = (approvals: number | Approvals): Approvals =>
  typeof approvals === 'number' ? { dev: approvals, test: approvals, prod: approvals } : approvals;

/** A program or call must be one that the system's own file declares, with a value for each of its places. */
function checkDeclared(
  kind: ActionKindFacts,
  settings: Fields,
  path: Path,
  { file, services }: StepContext,
): boolean {
  const declared = services[0]?.target.declared;
  const parsed = kind.settings.safeParse(settings);
  if (kind.checkDeclared === undefined || declared === undefined || !parsed.success) return true;
  const problems = kind.checkDeclared(declared, parsed.data);
  for (const { path: inside, message } of problems) file.fault([...path, ...inside], message);
  return problems.length === 0;
}

export function findProbe(name: string, path: Path, { file, kinds }: StepContext): ProbeKindFacts | null {
  const kind = kinds.probeKinds.get(name);
  if (kind !== undefined) return kind;
  file.fault([...path, 'probe'], unknownName('probe', name, [...kinds.probeKinds.keys(), HEALTH_PROBE]));
  return null;
}

export function unknownName(what: string, name: string, known: Iterable<string>): string {
  const list = [...known].sort();
  const near = didYouMean(name, list);
  return `there is no ${what} "${name}"${near === '' ? `; expected one of ${list.join(', ')}` : near}`;
}

/** Is the service there, and has it what the kind needs? A service that isn't configured here may be so elsewhere. */
export function checkService(
  service: string | undefined,
  kind: string,
  needs: ProbeKind['needs'],
  path: Path,
  context: StepContext,
): boolean {
  const { file } = context;
  const ofEngine = needs === 'docker' || needs === 'nothing';
  if (service === ALERT_SERVICE) return true;
  if (service === undefined || (service === ENGINE_SERVICE && !ofEngine)) {
    if (ofEngine) return true;
    const found =
      service === undefined ? 'service is missing' : `service is "${ENGINE_SERVICE}", the engine itself`;
    const message = `${found}; ${kind} expected one of ${names(context).join(', ')}, or ${ALERT_SERVICE}`;
    file.fault([...path, service === undefined ? 'probe' : 'service'], message);
    return false;
  }
  const entry = context.services.find((candidate) => candidate.name === service);
  if (entry === undefined) {
    file.fault(
      [...path, 'service'],
      unknownName(`service of ${context.system} named`, service, names(context)),
    );
    return false;
  }
  const scheme = entry.target.url?.split(':', 1)[0] ?? null;
  if (
    typeof needs === 'string' ||
    needs.schemes.length === 0 ||
    scheme === null ||
    needs.schemes.includes(scheme)
  )
    return true;
  const wanted = needs.schemes.map((one) => `${one}://`).join(' or ');
  file.fault([...path, 'service'], `${service} has an address with ${scheme}://; ${kind} expected ${wanted}`);
  return false;
}

const names = (context: StepContext): readonly string[] =>
  context.services.map((entry) => entry.name).filter((name) => name !== ENGINE_SERVICE);

/** Every key that isn't the step's own. */
export function settingsOf(value: Fields, own: ZodType & { readonly shape: object }): Fields {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !Object.hasOwn(own.shape, key)));
}
