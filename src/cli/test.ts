/** `pageturner test [PATH]`: plays runbooks against recorded answers, and says where they differ from what is expected. */
import { formatProblem } from '../catalog/load.ts';
import { testFiles, testRunbooks } from '../catalog/test-runbooks.ts';
import { type Env, readSetting } from '../config.ts';
import { readArguments } from './commands.ts';
import { catalogOptions, loadForTerminal } from './load.ts';

/** 0: every test passed; 1: some did not, a line each; 2: wrong usage. */
export async function test(args: readonly string[], env: Env): Promise<number> {
  const dir = readSetting(env, 'RUNBOOKS_DIR');
  const read = readArguments('test', args);
  if (read === null) return 2;
  const [path = dir] = read.positionals;
  const files = await testFiles(path).catch(() => null);
  if (files === null)
    return usage(`pageturner: ${path} can't be read; expected a file of tests, or a folder`);
  if (files.length === 0)
    return usage(
      `pageturner: there is no test under ${path}; expected files in SYSTEM/tests/, such as ${dir}/moalog/tests/redis-down.yaml`,
    );
  const catalog = await loadForTerminal(env);
  let [passed, failed] = [0, 0];
  for (const file of files) {
    const result = await testRunbooks(file, catalog, catalogOptions(env));
    for (const problem of result.problems) process.stdout.write(`${formatProblem(problem)}\n`);
    process.stdout.write(
      `${result.problems.length === 0 ? 'ok    ' : 'FAILED'} ${file}: ${result.passed} passed\n`,
    );
    passed += result.passed;
    failed += result.problems.length === 0 ? 0 : 1;
  }
  process.stdout.write(`${passed} tests passed in ${files.length} files, ${failed} files failed\n`);
  return failed === 0 ? 0 : 1;
}

function usage(text: string): number {
  process.stderr.write(`${text}\n`);
  return 2;
}
