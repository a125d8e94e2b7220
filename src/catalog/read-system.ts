/** A system's folder: system.yaml, laid over the one it extends, becomes services with targets and facts. */
import { ALERT_SERVICE, ENGINE_SERVICE } from '../domain/bind-runbook.ts';
import type { Kinds } from '../domain/kinds.ts';
import type { Link, ServiceEntry, SystemFacts } from '../domain/runbook.ts';
import { ENVIRONMENTS, type Environment, NOTHING_DECLARED } from '../domain/target.ts';
import { type Path, show } from './problem.ts';
import { readChannel } from './read-alerts.ts';
import { readChecks } from './read-checks.ts';
import { fill, readDeclared } from './read-declared.ts';
import { readLinks } from './read-links.ts';
import { readObjectives } from './read-objectives.ts';
import { engineEntry, readService, type SystemTarget } from './read-service.ts';
import type { ServiceFields, SystemFile } from './schemas.ts';
import { type Variables, variableName } from './variables.ts';
import type { YamlFile } from './yaml-file.ts';

/** Docker's own default. */
const DEFAULT_DOCKER_HOST = 'unix:///var/run/docker.sock';

/** A system as it is written, what it extends already laid under it. */
export interface SystemSource {
  readonly name: string;
  readonly file: YamlFile;
  readonly fields: SystemFile;
  /** The file in which each service was last written about. */
  readonly serviceFiles: ReadonlyMap<string, YamlFile>;
  /** Paths of its runbooks by the id without the system. */
  readonly runbooks: ReadonlyMap<string, string>;
}

export interface SystemParts {
  readonly environment: Environment;
  readonly channel: string | null;
  readonly services: readonly ServiceEntry[];
  readonly links: readonly Link[];
  readonly facts: SystemFacts;
}

export interface SystemContext {
  readonly kinds: Kinds;
  readonly variables: Variables;
  readonly sandboxOnly: boolean;
  readonly defaultEnvironment: Environment;
  /** Of all systems: they may share an engine. */
  readonly catalogVolumes: readonly string[];
  readonly composeProjects: readonly string[];
}

export function readSystem(source: SystemSource, context: SystemContext): SystemParts {
  const { name, file, fields } = source;
  const { kinds, variables } = context;
  const environment = readEnvironment(source, context);
  const common: SystemTarget = {
    system: name,
    environment,
    dockerHost: readDockerHost(source, variables),
    sandboxOnly: context.sandboxOnly,
    catalogVolumes: context.catalogVolumes,
    composeProjects: context.composeProjects,
    declared: NOTHING_DECLARED,
  };
  const alone = Object.entries(fields.services).flatMap(([service, own]) => {
    const serviceFile = source.serviceFiles.get(service) ?? file;
    if (service === ENGINE_SERVICE || service === ALERT_SERVICE) {
      const message = `a service can't be named "${service}", a word of its own in runbooks; expected another name`;
      serviceFile.fault(['services', service], message, { at: 'key' });
      return [];
    }
    return [
      readService(service, own, { file: serviceFile, kinds, variables, common }) ?? broken(service, common),
    ];
  });
  const declared = readDeclared(source, alone, variables);
  const known = [...alone, engineEntry(common)].map((entry) => ({
    ...entry,
    approvers: fields.services[entry.name]?.approvers ?? fields.approvers ?? [],
    target: { ...entry.target, declared },
  }));
  const all = known.map((entry) => {
    const context = { file: source.serviceFiles.get(entry.name) ?? file, kinds, variables, common };
    return readChecks(entry, fields.services[entry.name]?.checks ?? [], known, context);
  });
  return {
    environment,
    channel: fields.channel === undefined ? null : readChannel(fields.channel, variables),
    services: all,
    links: readLinks(fields.links ?? [], ['links'], { file, services: all, known: [] }),
    facts: {
      resilience: fields.resilience ?? [],
      ...readObjectives(fields, all, file),
      variables: Object.entries(fields.variables ?? {}).map(([part, names]) => ({ part, names })),
      compose: { file: declared.compose[0]?.file ?? null, ...composeNames(source, variables) },
      notes: fields.notes ?? [],
    },
  };
}

/** Stands for a service that is reported, so that what speaks of it isn't reported too. Such a catalog is never used. */
function broken(name: string, common: SystemTarget): ServiceEntry {
  const entry = engineEntry(common);
  const probe = {
    key: name,
    title: null,
    probe: name,
    service: name,
    settings: {},
    expect: null,
    withinMs: 0,
    timeoutMs: 0,
  };
  return { ...entry, name, target: { ...entry.target, service: name }, probe };
}

/** Names of volumes and Compose projects. A volume has its project's name before it once Compose has made it. */
export function composeNames(source: SystemSource, variables: Variables) {
  const { projects = [], volumes = [] } = source.fields.compose ?? {};
  const filled = projects.flatMap((one) => fill(typeof one === 'string' ? one : one.name, variables) ?? []);
  const plain = volumes.flatMap((text) => fill(text, variables) ?? []);
  return {
    projects: filled,
    volumes: [...plain, ...filled.flatMap((project) => plain.map((volume) => `${project}_${volume}`))],
  };
}

function readEnvironment({ name, file, fields }: SystemSource, context: SystemContext): Environment {
  const variable = variableName(name, 'env');
  const found = context.variables.read(variable);
  const fallback = fields.environment ?? context.defaultEnvironment;
  if (found === null) return fallback;
  const environment = ENVIRONMENTS.find((one) => one === found);
  if (environment !== undefined) return environment;
  const expected = `one of ${ENVIRONMENTS.join(', ')}`;
  rootFault(file, `${variable}: found ${show(found)}; expected ${expected}, e.g. ${variable}=prod`, variable);
  return fallback;
}

function readDockerHost({ name, file }: SystemSource, variables: Variables): string {
  for (const variable of [variableName(name, 'docker_host'), 'DOCKER_HOST']) {
    const host = variables.read(variable);
    if (host === null) continue;
    if (/^unix:\/\/\/./u.test(host)) return host;
    if (/^(tcp|https?):\/\/[^/@?#\s]+\/?$/u.test(host) && URL.canParse(host.replace(/^tcp/u, 'http')))
      return host;
    const expected = 'the address of a Docker engine with unix:///, tcp://, http:// or https://';
    rootFault(
      file,
      `${variable}: found something else; expected ${expected}, e.g. ${variable}=${DEFAULT_DOCKER_HOST}`,
      variable,
    );
  }
  return DEFAULT_DOCKER_HOST;
}

function rootFault(file: YamlFile, message: string, variable: string): void {
  const root: Path = [];
  file.fault(root, message, { variable });
}

/** `own` laid over `base`: services and runbooks one by one, every other key as a whole. */
export function extendSystem(own: SystemSource, base: SystemSource): SystemSource {
  const names = [...new Set([...Object.keys(base.fields.services), ...Object.keys(own.fields.services)])];
  const services = names.map((name): [string, ServiceFields] => [
    name,
    { ...base.fields.services[name], ...own.fields.services[name] },
  ]);
  return {
    ...own,
    fields: { ...base.fields, ...own.fields, services: Object.fromEntries(services) },
    serviceFiles: new Map([...base.serviceFiles, ...own.serviceFiles]),
    runbooks: new Map([...base.runbooks, ...own.runbooks]),
  };
}
