/** `runbooks/` on disk becomes a validated catalog, or the list of everything that is wrong with it. */
import { addressSecrets } from '../domain/address-secrets.ts';
import { DEFAULT_ALERT_RULES } from '../domain/alert-rules.ts';
import type { Kinds } from '../domain/kinds.ts';
import { createRedact } from '../domain/redact.ts';
import type { Catalog, Organisation, System } from '../domain/runbook.ts';
import type { Environment } from '../domain/target.ts';
import { check } from './check.ts';
import { checkTriggers, type WrittenRunbook } from './check-triggers.ts';
import { findFiles, type SystemFolder } from './find-files.ts';
import { createReport, type Problem, type Report } from './problem.ts';
import { readAlertRules } from './read-alerts.ts';
import { type OrgContext, readOrganisation } from './read-org.ts';
import { readRunbook } from './read-runbook.ts';
import {
  composeNames,
  extendSystem,
  readSystem,
  type SystemParts,
  type SystemSource,
} from './read-system.ts';
import { systemFile } from './schemas.ts';
import { createVariables, type Env, type Variables } from './variables.ts';
import { readYamlFile } from './yaml-file.ts';

export { formatProblem, type Problem } from './problem.ts';

export interface LoadOptions extends Kinds {
  /** Local mode: only what is labelled as the sandbox's may be changed. */
  readonly sandboxOnly: boolean;
  /** Of systems that don't say theirs. */
  readonly defaultEnvironment: Environment;
}

export type Loaded = { readonly catalog: Catalog } | { readonly problems: readonly Problem[] };

/** Shorter ones would take harmless words out of every text. */
const SHORTEST_SECRET = 4;

/** Reads every file and reports every problem; rejects only when the machine itself fails. */
export async function loadCatalog(dir: string, env: Env, options: LoadOptions): Promise<Loaded> {
  const report = createReport();
  const variables = createVariables(env);
  const folder = await findFiles(dir, report);
  if (folder === null) return { problems: report.list() };
  const written = await readSources(folder.systems, report);
  const sources = written.flatMap((source) => extended(source, written) ?? []);
  const compose = sources.map((source) => composeNames(source, variables));
  const context = {
    kinds: options,
    variables,
    sandboxOnly: options.sandboxOnly,
    defaultEnvironment: options.defaultEnvironment,
    catalogVolumes: [...new Set(compose.flatMap(({ volumes }) => volumes))],
    composeProjects: [...new Set(compose.flatMap(({ projects }) => projects))],
  };
  const systems: System[] = [];
  const sound: WrittenRunbook[] = [];
  for (const source of sources) {
    const parts = readSystem(source, context);
    const read = await readRunbooks(source, parts, options, report);
    const runbooks = read.map(({ runbook }) => runbook);
    sound.push(...read.filter(({ isSound }) => isSound));
    systems.push({ name: source.name, title: source.fields.title, runbooks, ...parts });
  }
  checkTriggers(sound);
  const organisation = await readOrg(
    folder.org,
    { variables, systems: systems.map(({ name }) => name) },
    report,
  );
  const alertsFile = folder.alerts === null ? null : await readYamlFile(folder.alerts, folder.alerts, report);
  const alerts =
    alertsFile === null ? DEFAULT_ALERT_RULES : readAlertRules(alertsFile, { variables, systems });
  for (const [variable, message] of variables.unreadable) {
    report.add({ file: 'environment', line: 1, col: 1, message, variable });
  }
  const secrets = collectSecrets(systems, variables);
  const problems = report.list();
  if (problems.length > 0) return { problems: createRedact(secrets)(problems) };
  return { catalog: { systems, organisation, alerts, secrets } };
}

async function readSources(
  folders: readonly SystemFolder[],
  report: Report,
): Promise<readonly SystemSource[]> {
  const sources: SystemSource[] = [];
  for (const { name, file: path, runbooks } of folders) {
    const file = await readYamlFile(path, path, report);
    const fields = file === null ? null : check(systemFile, file.data, file, []);
    if (file === null || fields === null) continue;
    const serviceFiles = new Map(Object.keys(fields.services).map((service) => [service, file]));
    sources.push({ name, file, fields, serviceFiles, runbooks });
  }
  return sources;
}

/** With all that it extends laid under it. Null: one of them isn't there, or leads back; reported. */
function extended(source: SystemSource, all: readonly SystemSource[]): SystemSource | null {
  const line = lineage(source, all);
  if (line === null) return null;
  return line.reduceRight((base, own) => extendSystem(own, base));
}

/** The system itself, then what it extends, and so on. */
function lineage(source: SystemSource, all: readonly SystemSource[]): readonly SystemSource[] | null {
  const line = [source];
  for (let next = source.fields.extends; next !== undefined; ) {
    const base = all.find(({ name }) => name === next);
    const names = [...line.map(({ name }) => name), next];
    if (base === undefined || line.includes(base)) {
      const found =
        base === undefined ? `there is no system "${next}"` : `it leads back: ${names.join(' → ')}`;
      source.file.fault(
        ['extends'],
        `extends is "${source.fields.extends}", and ${found}; expected a system that does not`,
      );
      return null;
    }
    line.push(base);
    next = base.fields.extends;
  }
  return line;
}

async function readRunbooks(
  source: SystemSource,
  { services, links }: SystemParts,
  kinds: Kinds,
  report: Report,
): Promise<readonly (WrittenRunbook & { readonly isSound: boolean })[]> {
  const runbooks: (WrittenRunbook & { readonly isSound: boolean })[] = [];
  for (const [id, path] of [...source.runbooks].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const file = await readYamlFile(path, path, report);
    if (file === null) continue;
    const before = report.list().length;
    const runbook = readRunbook(
      `${source.name}/${id}`,
      { file, kinds, system: source.name, services },
      links,
    );
    if (runbook !== null) runbooks.push({ runbook, file, isSound: report.list().length === before });
  }
  return runbooks;
}

async function readOrg(path: string | null, context: OrgContext, report: Report): Promise<Organisation> {
  const file = path === null ? null : await readYamlFile(path, path, report);
  return file === null ? { techLead: [], onCall: [], dutyOfficer: [] } : readOrganisation(file, context);
}

/**
 * A password that is the very name of a system or service, or of its own user (`guest:guest`), can't be hidden without
 * hiding what people must read.
 */
function collectSecrets(systems: readonly System[], variables: Variables): readonly string[] {
  const names = new Set(
    systems.flatMap((system) => [system.name, ...system.services.map(({ name }) => name)]),
  );
  const inAddresses = systems.flatMap((system) =>
    system.services.flatMap(({ target: { url } }) =>
      url === null ? [] : addressSecrets(url).filter((secret) => !url.includes(`//${secret}:${secret}@`)),
    ),
  );
  const all = new Set([...variables.secrets, ...inAddresses]);
  return [...all].filter((secret) => secret.length >= SHORTEST_SECRET && !names.has(secret));
}
