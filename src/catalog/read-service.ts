/** One service of a system: its health probe, and its target after the environment has had its say. */
import { ENGINE_SERVICE } from '../domain/bind-runbook.ts';
import type { Kinds, ProbeKindFacts } from '../domain/kinds.ts';
import { resolveProbe } from '../domain/resolve-step.ts';
import type { ProbeStep, ServiceEntry } from '../domain/runbook.ts';
import type { Target } from '../domain/target.ts';
import { hasWrittenPassword, readAddress } from './address.ts';
import { check } from './check.ts';
import { brokenPlace, interpolate } from './interpolate.ts';
import type { Path } from './problem.ts';
import { settingsOf } from './read-step.ts';
import { probeFields, type ServiceFields } from './schemas.ts';
import { type Variables, variableName } from './variables.ts';
import { faults, type YamlFile } from './yaml-file.ts';

const HEALTH_TIMEOUT_MS = 2_000;

/** What all services of a system have in common. */
export type SystemTarget = Omit<Target, 'service' | 'url' | 'container'>;

export interface ServiceContext {
  readonly file: YamlFile;
  readonly kinds: Kinds;
  readonly variables: Variables;
  readonly common: SystemTarget;
}

/** Null when something is wrong with it: then that is reported. */
export function readService(
  name: string,
  fields: ServiceFields,
  context: ServiceContext,
): ServiceEntry | null {
  const path: Path = ['services', name];
  const health = readHealth(name, fields, path, context);
  if (health === null) return null;
  const { kind, probe } = health;
  const needs = kind?.needs ?? 'nothing';
  const schemes = typeof needs === 'object' ? needs.schemes : [];
  const place = readPlace(name, fields, schemes, path, context);
  const container = readContainer(name, fields, path, context);
  if (place === null || container === undefined) return null;
  const variable = variableName(context.common.system, name, 'container');
  const lacksContainer = needs === 'container' && container === null ? `${variable} is not set` : null;
  const lacksAddress = typeof needs === 'object' && place.url === null ? place.why : null;
  return {
    name,
    target: { ...context.common, service: name, url: place.url, container },
    probe,
    sharedWith: fields.sharedWith ?? [],
    avoid: fields.avoid ?? [],
    notConfigured: lacksContainer ?? lacksAddress,
    notes: fields.notes ?? [],
  };
}

/** The Docker engine itself, for steps that speak of no service. */
export function engineEntry(common: SystemTarget): ServiceEntry {
  return {
    name: ENGINE_SERVICE,
    target: { ...common, service: ENGINE_SERVICE, url: null, container: null },
    probe: null,
    sharedWith: [],
    notConfigured: null,
    notes: [],
  };
}

interface Health {
  readonly kind: ProbeKindFacts | null;
  readonly probe: ProbeStep | null;
}

function readHealth(name: string, fields: ServiceFields, path: Path, context: ServiceContext): Health | null {
  const { file, kinds } = context;
  if (fields.health === false && fields.probe === undefined) return { kind: null, probe: null };
  if (fields.probe === undefined || fields.health === false) {
    const found =
      fields.probe === undefined ? 'probe is missing' : 'health is false, and yet there is a probe';
    file.fault(path, `${found}; expected a probe, or health: false for what is no part of health`, {
      at: 'key',
    });
    return null;
  }
  const here = [...path, 'probe'];
  const own = probeFields.omit({ service: true, within: true });
  const value = fillAll(fields.probe, here, context);
  const read = value === null ? null : check(own, value, file, here);
  if (read === null || value === null) return null;
  const probe: ProbeStep = {
    key: 'health',
    title: read.title ?? null,
    probe: read.probe,
    service: name,
    settings: settingsOf(value, own),
    expect: read.expect ?? null,
    withinMs: 0,
    timeoutMs: read.timeout ?? HEALTH_TIMEOUT_MS,
  };
  // Its address is read by what the kind needs, so here it has none yet.
  const bare = { ...engineEntry(context.common), name, avoid: fields.avoid ?? [] };
  const around = { system: context.common.system, services: [bare], kinds, ownKeys: Object.keys(own.shape) };
  const { kind, problems } = resolveProbe(probe, around);
  faults(file, here, problems);
  return problems.length === 0 ? { kind, probe } : null;
}

interface Place {
  readonly url: string | null;
  /** Why there is no address. */
  readonly why: string | null;
}

function readPlace(
  name: string,
  fields: ServiceFields,
  schemes: readonly string[],
  path: Path,
  { file, variables, common }: ServiceContext,
): Place | null {
  const variable = variableName(common.system, name, 'url');
  const override = variables.read(variable);
  if (override !== null) {
    const address = readAddress(override, schemes);
    if (address.kind === 'address') return { url: address.url, why: null };
    if (address.kind === 'none') return { url: null, why: address.reason };
    const message = `${variable}: found ${address.found}; expected ${address.expected}, e.g. ${variable}=${address.example}`;
    file.fault(path, message, { at: 'key', variable });
    return null;
  }
  const template = typeof fields.url === 'object' ? fields.url[common.environment] : fields.url;
  if (template === undefined) {
    const isElsewhere = fields.url !== undefined;
    return {
      url: null,
      why: `${isElsewhere ? `no address for ${common.environment}, and ` : ''}${variable} is not set`,
    };
  }
  const here = typeof fields.url === 'object' ? [...path, 'url', common.environment] : [...path, 'url'];
  const broken = brokenPlace(template);
  if (broken !== null) {
    file.fault(here, `found "${broken}"; expected \${NAME} or \${NAME:-default}`);
    return null;
  }
  if (hasWrittenPassword(template)) {
    file.fault(here, `a password is written in the file; expected \${NAME}, read from the environment`);
    return null;
  }
  const { text, missing } = interpolate(template, variables);
  if (missing.length > 0) return { url: null, why: missing.map((one) => `${one} is not set`).join(', ') };
  const address = readAddress(text, schemes);
  if (address.kind === 'address') return { url: address.url, why: null };
  if (address.kind === 'none') return { url: null, why: address.reason };
  file.fault(here, `url is ${address.found}; expected ${address.expected}, such as ${address.example}`);
  return null;
}

const CONTAINER = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/u;

/** Undefined: reported. Docker's own rule for names. */
function readContainer(
  name: string,
  fields: ServiceFields,
  path: Path,
  { file, variables, common }: ServiceContext,
): string | null | undefined {
  const variable = variableName(common.system, name, 'container');
  const override = variables.read(variable);
  const rule = 'a container name: letters, digits, "_", "." and "-"';
  if (override !== null) {
    if (CONTAINER.test(override)) return override;
    file.fault(
      path,
      `${variable}: found something else; expected ${rule}, e.g. ${variable}=${common.system}-${name}`,
      {
        at: 'key',
        variable,
      },
    );
    return undefined;
  }
  if (fields.container === undefined) return null;
  const { text, missing } = interpolate(fields.container, variables);
  if (missing.length > 0) return null;
  if (CONTAINER.test(text)) return text;
  file.fault([...path, 'container'], `container is not valid; expected ${rule}`);
  return undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** Texts of a probe's settings, filled in. They are journalled and shown, so no secret may come into them. */
export function fillAll(value: Fields, path: Path, context: ServiceContext): Fields | null {
  let isFine = true;
  const fill = (inner: unknown, at: Path): unknown => {
    if (Array.isArray(inner)) return inner.map((entry, i) => fill(entry, [...at, i]));
    if (typeof inner === 'object' && inner !== null) {
      return Object.fromEntries(
        Object.entries(inner).map(([key, entry]) => [key, fill(entry, [...at, key])]),
      );
    }
    if (typeof inner !== 'string') return inner;
    const { text, missing, secretNames } = interpolate(inner, context.variables);
    const why =
      secretNames.length > 0
        ? `\${${secretNames[0]}} is a secret; expected it in the url, which is never shown`
        : missing.length > 0
          ? `${missing[0]} is not set; expected it in the environment, or a default: \${${missing[0]}:-…}`
          : null;
    if (why === null) return text;
    context.file.fault(at, why);
    isFine = false;
    return inner;
  };
  const filled = Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, fill(entry, [...path, key])]),
  );
  return isFine ? filled : null;
}
