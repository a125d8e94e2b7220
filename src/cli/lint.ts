/** `pageturner lint [PATH]`: every problem of the runbooks, as FILE:LINE:COL: MESSAGE. */

import { lintCatalog } from '../catalog/lint.ts';
import { formatProblem } from '../catalog/load.ts';
import { type Env, readSetting } from '../config.ts';
import { readArguments } from './commands.ts';
import { catalogOptions } from './load.ts';

/** 0: no problem; 1: some, one a line; 2: wrong usage. */
export async function lint(args: readonly string[], env: Env): Promise<number> {
  const read = readArguments('lint', args);
  if (read === null) return 2;
  const [path = readSetting(env, 'RUNBOOKS_DIR')] = read.positionals;
  const problems = await lintCatalog(path, env, catalogOptions(env));
  for (const problem of problems) process.stdout.write(`${formatProblem(problem)}\n`);
  if (problems.length > 0) return 1;
  process.stdout.write(`lint: ${path}: no problem\n`);
  return 0;
}
