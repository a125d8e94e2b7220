/** The files of a catalog's folder, by where they lie. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report } from './problem.ts';
import { NAME, nameRule } from './schema-parts.ts';

export interface SystemFolder {
  readonly name: string;
  /** system.yaml */
  readonly file: string;
  /** By the id without the system: `redis-down`, `operations/up`. */
  readonly runbooks: ReadonlyMap<string, string>;
}

export interface CatalogFolder {
  /** Null: there is none. */
  readonly org: string | null;
  readonly alerts: string | null;
  readonly systems: readonly SystemFolder[];
}

export const ORG = 'org.yaml';
export const ALERTS = 'alerts.yaml';
const SYSTEM = 'system.yaml';
const OPERATIONS = 'operations';
/** Tests of runbooks: for `pageturner test`, no runbooks themselves. */
export const TESTS = 'tests';
const MOST_FILES = 2_000;

/** Names that begin with a dot, and files that aren't YAML, are nobody's business. Null: reported. */
export async function findFiles(dir: string, report: Report): Promise<CatalogFolder | null> {
  const top = await list(dir);
  if (top === null) {
    report.add({
      file: dir,
      line: 1,
      col: 1,
      message: "the folder can't be read; expected one with org.yaml and a folder for each system",
    });
    return null;
  }
  const systems: SystemFolder[] = [];
  for (const name of top.folders) {
    const folder = await readFolder(dir, name, report);
    if (folder !== null) systems.push(folder);
  }
  for (const file of top.files) {
    const message = `found in the folder of all systems; expected ${ORG} and ${ALERTS} alone here, and runbooks in a system's folder`;
    if (isYaml(file) && file !== ORG && file !== ALERTS)
      report.add({ file: join(dir, file), line: 1, col: 1, message });
  }
  const path = (file: string): string | null => (top.files.includes(file) ? join(dir, file) : null);
  return { org: path(ORG), alerts: path(ALERTS), systems };
}

async function readFolder(dir: string, name: string, report: Report): Promise<SystemFolder | null> {
  const path = join(dir, name);
  const inside = await list(path);
  const fail = (file: string, message: string) => report.add({ file, line: 1, col: 1, message });
  if (!NAME.test(name)) {
    fail(path, `the folder "${name}" is no name of a system; expected ${nameRule}`);
    return null;
  }
  if (inside === null || !inside.files.includes(SYSTEM)) {
    fail(join(path, SYSTEM), `the system ${name} has no ${SYSTEM}; expected one in its folder`);
    return null;
  }
  const operations = inside.folders.includes(OPERATIONS) ? await list(join(path, OPERATIONS)) : null;
  const files = [
    ...inside.files.filter((file) => file !== SYSTEM),
    ...(operations?.files ?? []).map((file) => `${OPERATIONS}/${file}`),
  ].filter(isYaml);
  const runbooks = new Map<string, string>();
  for (const file of files) {
    const id = file.replace(/\.yaml$/u, '');
    if (id === file) fail(join(path, file), 'the name ends in .yml; expected .yaml');
    else if (!NAME.test(id.replace(`${OPERATIONS}/`, '')))
      fail(join(path, file), `"${id}" is no name of a runbook; expected ${nameRule}`);
    else runbooks.set(id, join(path, file));
  }
  for (const folder of inside.folders.filter((one) => one !== OPERATIONS && one !== TESTS)) {
    fail(
      join(path, folder),
      `the folder "${folder}" is not read; expected runbooks in ${name}/ or ${name}/${OPERATIONS}/`,
    );
  }
  if (runbooks.size > MOST_FILES) fail(path, `${runbooks.size} runbooks; expected at most ${MOST_FILES}`);
  return { name, file: join(path, SYSTEM), runbooks };
}

const isYaml = (file: string): boolean => /\.ya?ml$/u.test(file);

/** In the order of names; links are followed, as a mounted ConfigMap has nothing else. */
async function list(
  path: string,
): Promise<{ readonly files: readonly string[]; readonly folders: readonly string[] } | null> {
  try {
    const names = (await readdir(path)).filter((name) => !name.startsWith('.')).sort();
    const entries = await Promise.all(
      names.map(async (name) => ({ name, isFolder: (await stat(join(path, name))).isDirectory() })),
    );
    return {
      files: entries.filter(({ isFolder }) => !isFolder).map(({ name }) => name),
      folders: entries.filter(({ isFolder }) => isFolder).map(({ name }) => name),
    };
  } catch {
    return null;
  }
}
