/** `pageturner lint [PATH]`: every problem of the runbooks, as FILE:LINE:COL: MESSAGE. */
import { ConfigError, type Env } from '../config.ts';
import { loadForTerminal } from './load.ts';

/** 0: no problem; 1: some, one a line; 2: wrong usage. */
export async function lint(args: readonly string[], env: Env): Promise<number> {
  const [path, ...more] = args;
  if (more.length > 0 || path?.startsWith('-')) {
    process.stderr.write('usage: pageturner lint [PATH]\n');
    return 2;
  }
  try {
    const catalog = await loadForTerminal(path === undefined ? env : { ...env, RUNBOOKS_DIR: path });
    const runbooks = catalog.systems.reduce((sum, system) => sum + system.runbooks.length, 0);
    process.stdout.write(`lint: ${catalog.systems.length} systems, ${runbooks} runbooks, no problem\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stdout.write(`${error.problems.join('\n')}\n`);
    return 1;
  }
}
