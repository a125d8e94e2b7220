/** What is wrong with a catalog, or with one folder or file of it. */
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ALERTS, ORG } from './find-files.ts';
import { type LoadOptions, loadCatalog, type Problem } from './load.ts';
import type { Env } from './variables.ts';

/**
 * `path` is the catalog's folder, a system's folder or one file in them. The whole catalog is read in any case, as a
 * runbook is only right for the services of its system. Empty: nothing is wrong there.
 */
export async function lintCatalog(path: string, env: Env, options: LoadOptions): Promise<readonly Problem[]> {
  const dir = await catalogFolder(path);
  const loaded = await loadCatalog(dir, env, options);
  if ('catalog' in loaded) return [];
  const inside = join(path, '');
  return loaded.problems.filter(
    ({ file }) =>
      dir === path || file === inside || file.startsWith(join(path, '/')) || file === 'environment',
  );
}

/** The folder above that holds the system's folder; `path` itself when it is none of a catalog's parts. */
async function catalogFolder(path: string): Promise<string> {
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  const folder = isFile ? dirname(path) : path;
  if (isFile && [ORG, ALERTS].includes(basename(path))) return folder;
  for (const candidate of [folder, dirname(folder)]) {
    const hasSystem = await stat(join(candidate, 'system.yaml')).then(
      () => true,
      () => false,
    );
    if (hasSystem) return dirname(candidate);
  }
  return folder;
}
