/** Tests of runbooks: files of recorded answers, played, and held against what they expect. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { bindRunbook } from '../domain/bind-runbook.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import { chooseRunbook } from '../domain/choose-runbook.ts';
import { conditionStep } from '../domain/judge-condition.ts';
import type { Kinds } from '../domain/kinds.ts';
import { didYouMean } from '../domain/nearest.ts';
import { readParams } from '../domain/params.ts';
import { type Played, playRunbook, type Resolve, type Script } from '../domain/play-runbook.ts';
import { type Resolved, resolveStep } from '../domain/resolve-step.ts';
import type { Catalog, ProbeStep, Runbook, ServiceEntry, Step } from '../domain/runbook.ts';
import { check } from './check.ts';
import { answerProblems } from './check-answers.ts';
import { TESTS } from './find-files.ts';
import { createReport, type Path, type Problem, show } from './problem.ts';
import { type TestFile, testFile } from './test-schema.ts';
import { faults, readYamlFile, type YamlFile } from './yaml-file.ts';

export interface TestResult {
  readonly file: string;
  readonly passed: number;
  readonly problems: readonly Problem[];
}

/** Every test file under `path`, in order: a file, a folder `tests`, a system's folder, or the whole catalog's. */
export async function testFiles(path: string): Promise<readonly string[]> {
  if ((await stat(path)).isFile()) return [path];
  const entries = await readdir(path, { withFileTypes: true });
  if (basename(path) === TESTS)
    return entries
      .filter((entry) => entry.isFile() && /\.ya?ml$/u.test(entry.name))
      .map((entry) => join(path, entry.name))
      .sort();
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => join(path, entry.name));
  return (await Promise.all(folders.map(testFiles))).flat().sort();
}

export async function testRunbooks(path: string, catalog: Catalog, kinds: Kinds): Promise<TestResult> {
  const report = createReport();
  const file = await readYamlFile(path, path, report);
  const fields = file === null ? null : check(testFile, file.data, file, []);
  let passed = 0;
  if (file !== null && fields !== null) {
    for (const [index, test] of fields.tests.entries()) {
      const before = report.list().length;
      playTest(test, ['tests', index], {
        file,
        catalog,
        kinds,
        named: fields.runbook ?? null,
        system: basename(dirname(dirname(path))),
      });
      if (report.list().length === before) passed += 1;
    }
  }
  return { file: path, passed, problems: report.list() };
}

type Test = TestFile['tests'][number];

interface TestContext {
  readonly file: YamlFile;
  readonly catalog: Catalog;
  readonly kinds: Kinds;
  readonly named: string | null;
  readonly system: string;
}

function playTest(test: Test, path: Path, context: TestContext): void {
  const runbook = findRunbook(test, path, context);
  if (runbook === null) return;
  const { file } = context;
  const wanted = test.expect.runbook;
  if (wanted !== undefined && wanted !== runbook.id)
    file.fault(
      [...path, 'expect', 'runbook'],
      `${test.name}: expected ${wanted}; the labels choose ${runbook.id}`,
    );
  const read = readParams(runbook.params, test.params);
  if ('wrong' in read) {
    file.fault([...path, 'params'], `${test.name}: ${read.wrong}`);
    return;
  }
  const { system, services } = systemOf(runbook, context);
  const around = { system, services, kinds: context.kinds };
  const resolve = (step: Step): Resolved => resolveStep(step, read.values, around);
  const impossible = answerProblems(test.answers, { ...around, steps: probesOf(runbook, resolve) });
  faults(file, [...path, 'answers'], impossible);
  if (impossible.length > 0) return;
  const played = playRunbook(runbook, scriptOf(test), resolve);
  for (const missing of played.missing)
    file.fault([...path, 'answers'], `${test.name}: no answer is recorded for ${missing}`);
  compare(test, played, path, file);
}

/** Every question that the runbook can ask, as it is asked. */
function probesOf(runbook: Runbook, resolve: Resolve): readonly ProbeStep[] {
  const { condition, diagnose, verify, steps, recover } = runbook;
  const reading = [...(condition === null ? [] : [conditionStep(condition)]), ...diagnose, ...verify];
  const all = [
    ...reading.map((step): Step => ({ type: 'probe', ...step })),
    ...steps,
    ...recover.flatMap((option) => option.steps),
  ];
  return all.map(resolve).flatMap((one) => (one.type === 'probe' ? [one.step] : []));
}

function systemOf(
  { system }: Runbook,
  { catalog }: TestContext,
): { readonly system: string; readonly services: readonly ServiceEntry[] } {
  return { system, services: catalog.systems.find(({ name }) => name === system)?.services ?? [] };
}

function findRunbook(test: Test, path: Path, { file, catalog, named, system }: TestContext): Runbook | null {
  if (named !== null) {
    const all = catalog.systems.flatMap((entry) => entry.runbooks.map((runbook) => ({ entry, runbook })));
    const found = all.find(({ runbook }) => runbook.id === named);
    if (found !== undefined)
      return bindRunbook(found.runbook, found.entry, test.alert?.service ?? null, test.alert);
    const near = didYouMean(
      named,
      all.map(({ runbook }) => runbook.id),
    );
    file.fault(['runbook'], `there is no runbook "${named}"${near}`);
    return null;
  }
  if (test.alert === undefined) {
    file.fault(path, `${test.name}: neither runbook nor alert; expected one of them`);
    return null;
  }
  const choice = chooseRunbook(catalog, { system, ...test.alert });
  if (choice !== null) return choice.runbook;
  file.fault([...path, 'alert'], `${test.name}: no runbook of ${system} has a trigger for these labels`);
  return null;
}

function scriptOf(test: Test): Script {
  const answers = Object.fromEntries(
    Object.entries(test.answers).map(([service, probes]) => [
      service,
      Object.fromEntries(
        Object.entries(probes).map(([probe, list]) => [
          probe,
          list.map(({ at = 0, reason = null, output, ...rest }) => ({
            ...rest,
            atMs: at,
            reason,
            ...(output === undefined ? {} : { output }),
          })),
        ]),
      ),
    ]),
  );
  const actions = Object.fromEntries(
    Object.entries(test.actions).map(([key, { outcome, takes = 0 }]) => [key, { outcome, takesMs: takes }]),
  );
  const decision =
    test.decide === undefined ? null : { verdict: test.decide.verdict, afterMs: test.decide.after ?? 0 };
  const expression = test.expression.map(({ at = 0, value }) => ({ atMs: at, value }));
  return { answers, actions, expression, choose: test.choose ?? null, decision };
}

/** Each difference is one problem at the place of the expectation. */
function compare({ name, expect }: Test, played: Played, path: Path, file: YamlFile): void {
  const fault = (key: string, wanted: unknown, got: unknown, more: readonly string[] = []): void =>
    file.fault(
      [...path, 'expect', key, ...more],
      `${name}: ${[key, ...more].join('.')} was ${say(got)}; expected ${say(wanted)}`,
    );
  for (const key of ['offers', 'proposes', 'condition', 'state'] as const) {
    const got = key === 'proposes' ? played.proposed : played[key];
    if (expect[key] !== undefined && canonicalJson(expect[key]) !== canonicalJson(got))
      fault(key, expect[key], got);
  }
  for (const key of ['diagnosis', 'asked', 'steps', 'verify'] as const) {
    const got: Readonly<Record<string, string>> = played[key];
    for (const [step, wanted] of Object.entries(expect[key] ?? {}))
      if (got[step] !== wanted) fault(key, wanted, got[step] ?? 'not there', [step]);
  }
  const extra = Object.keys(played.asked).find(
    (step) => expect.asked !== undefined && expect.asked[step] === undefined,
  );
  if (extra !== undefined) fault('asked', 'nobody', played.asked[extra], [extra]);
  if (expect.within !== undefined && played.tookMs > expect.within)
    fault('within', expect.within, played.tookMs);
  for (const [index, wanted] of (expect.says ?? []).entries()) {
    if (played.says.some((line) => line.includes(wanted))) continue;
    file.fault(
      [...path, 'expect', 'says', index],
      `${name}: nothing says ${show(wanted)}; said was: ${played.says.join(' | ').slice(0, 1000)}`,
    );
  }
}

const say = (value: unknown): string => (Array.isArray(value) ? `[${value.join(', ')}]` : String(value));
