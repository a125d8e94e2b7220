/** The catalog as the terminal's commands see it, or the lint's words. */
import { createActionKinds } from '../actions/index.ts';
import { formatProblem, type LoadOptions, loadCatalog } from '../catalog/load.ts';
import { ConfigError, type Env, readSetting } from '../config.ts';
import type { Catalog } from '../domain/runbook.ts';
import { probeKinds } from '../probes/index.ts';

export function catalogOptions(env: Env): LoadOptions {
  return {
    probeKinds,
    actionKinds: createActionKinds({ undoMaxBytes: readSetting(env, 'UNDO_MAX_BYTES') }),
    sandboxOnly: false,
    defaultEnvironment: readSetting(env, 'PAGETURNER_ENV') ?? 'dev',
  };
}

/** @throws ConfigError with a line for each problem. */
export async function loadForTerminal(env: Env): Promise<Catalog> {
  const loaded = await loadCatalog(readSetting(env, 'RUNBOOKS_DIR'), env, catalogOptions(env));
  if ('catalog' in loaded) return loaded.catalog;
  throw new ConfigError(loaded.problems.map(formatProblem));
}
