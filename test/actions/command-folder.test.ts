import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCommand } from '../../src/actions/command/index.ts';
import { OUTPUT_MAX, type PlanDraft } from '../../src/domain/action.ts';
import type { Program, Target } from '../../src/domain/target.ts';
import { waitFor } from '../servers/program.ts';
import { isBusy } from './command-bench.ts';
import { declared, program } from './declared.ts';
import { context, planned, target } from './fixtures.ts';

const env = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  LANG: 'C.UTF-8',
  DB_PASSWORD: 'given-to-it',
  OTHER: 'not-given',
};
const kind = createCommand(env);
const none = async () => {};
let folder = '';

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'pageturner-folder-')));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function script(name: string, lines: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${lines}\n`);
  chmodSync(join(folder, name), 0o755);
}

const having = (changes: Partial<Program>, more: Partial<Target> = {}): Target =>
  target({ declared: declared({ programs: { job: program({ where: { folder }, ...changes }) } }), ...more });
const settings = (values: Readonly<Record<string, string | number | boolean>> = {}) => ({
  program: 'job',
  with: values,
});
const plan = async (changes: Partial<Program>, values = {}): Promise<PlanDraft> =>
  planned(await kind.plan(having(changes), settings(values), context()));
const refused = async (
  changes: Partial<Program>,
  values = {},
  more: Partial<Target> = {},
): Promise<string> => {
  const result = await kind.plan(having(changes, more), settings(values), context());
  return 'refused' in result ? result.refused : `planned: ${JSON.stringify(result.scope)}`;
};
const run = async (changes: Partial<Program>, values = {}, more = {}) =>
  kind.execute(having(changes), settings(values), await plan(changes, values), none, context(more));

describe('planning a command in a folder', () => {
  test('shows the exact argument array; what a value holds never becomes more arguments', async () => {
    const draft = await plan(
      { run: ['echo', '--date={date}', '{what}'] },
      { date: '2024-01-31', what: 'a b; rm -rf / $(id) "{date}"' },
    );
    const argv = ['echo', '--date=2024-01-31', 'a b; rm -rf / $(id) "{date}"'];
    expect(draft.scope).toEqual({ kind: 'call', does: `${JSON.stringify(argv)} in ${folder}` });
  });

  test.each([
    [{ run: ['echo', '{date}'] }, {}, /with has no value for \{date\} of job/u],
    [{ run: ['echo', '{date}'] }, { date: 'x', dat: 'y' }, /job has no place \{dat\}.*did you mean "date"/u],
    [{ run: ['cat', '{file}'] }, { file: '--output=/etc/passwd' }, /begins with "-"/u],
    [{ run: ['cat', '{file}.csv'] }, { file: '-rf' }, /begins with "-"/u],
    [{ run: ['cat', '{n}'] }, { n: -1 }, /begins with "-"/u],
    [{ run: ['cat', '{file}'] }, { file: 'a\0b' }, /can't be seen/u],
    [{ run: ['cat', '{file}'] }, { file: 'a\nb' }, /can't be seen/u],
    [{ run: ['cat', '{file}'] }, { file: 'a\u202eb' }, /can't be seen/u],
    [{ run: ['no-such-program-here'] }, {}, /no program no-such-program-here on the bot's PATH/u],
    [{ run: ['./missing'] }, {}, /no program \.\/missing in /u],
    [{ run: ['../../../../../../bin/sh'] }, {}, /no program .* in /u],
    [{ run: ['echo', '{text}'] }, { text: 'x'.repeat(500) }, /^planned/u],
    [
      { run: ['echo', '{text}{text}{text}'] },
      { text: 'x'.repeat(500) },
      /more than the 1400 that a plan can show/u,
    ],
    [{ where: { folder: '/nowhere/at/all' } }, {}, /there is no folder \/nowhere\/at\/all/u],
    [{ where: { folder: 'relative' } }, {}, /no absolute path/u],
    [{ missing: ['SHOP_DIR'] }, {}, /job is not configured: set SHOP_DIR/u],
  ])('%j with %j', async (changes, values, says) => {
    expect(await refused(changes, values)).toMatch(says);
  });

  test('is refused for a program that is not declared, and in local mode', async () => {
    const other = await kind.plan(having({}), { program: 'jop', with: {} }, context());
    expect(other).toEqual({ refused: 'there is no program "jop"; did you mean "job"?' });
    expect(await refused({}, {}, { sandboxOnly: true })).toContain('local mode only changes the sandbox');
  });

  test('knows the commit, and is superseded when another one is checked out', async () => {
    const repository = join(folder, 'repository');
    mkdirSync(repository);
    const git = (...args: readonly string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
        cwd: repository,
        encoding: 'utf8',
      }).trim();
    git('init', '--quiet');
    git('commit', '--quiet', '--allow-empty', '-m', 'one');
    const changes = { where: { folder: repository } };
    const draft = await plan(changes);
    expect(draft.identity.git_head).toBe(git('rev-parse', 'HEAD'));
    git('pack-refs', '--all');
    expect((await plan(changes)).identity.git_head).toBe(git('rev-parse', 'HEAD'));
    git('commit', '--quiet', '--allow-empty', '-m', 'two');
    const outcome = await kind.execute(having(changes), settings(), draft, none, context());
    expect(outcome).toMatchObject({ state: 'superseded', summary: expect.stringContaining('git_head was') });
    git('worktree', 'add', '--quiet', join(folder, 'tree'), '-b', 'side');
    const inTree = await plan({ where: { folder: join(folder, 'tree') } });
    expect(inTree.identity.git_head).toBe(git('rev-parse', 'HEAD'));
  });

  test('is superseded when the program is declared otherwise by now', async () => {
    const draft = await plan({ run: ['echo', 'a'] });
    const outcome = await kind.execute(having({ run: ['echo', 'b'] }), settings(), draft, none, context());
    expect(outcome).toMatchObject({
      state: 'superseded',
      summary: expect.stringContaining('nothing was run'),
    });
  });

  test('the danger is the one that the system declares', () => {
    expect(kind.dangerOf?.(having({ danger: 'safe' }), settings())).toBe('safe');
    expect(kind.dangerOf?.(having({}), { program: 'constructor', with: {} })).toBeNull();
  });
});

describe('running a command in a folder', () => {
  test('gives it PATH, HOME, LANG and what is declared, and nothing else of the bot’s', async () => {
    const outcome = await run({ run: ['env'], environment: ['DB_PASSWORD', 'NOT_SET'] });
    const names = (outcome.state === 'superseded' ? '' : (outcome.output ?? ''))
      .split('\n')
      .filter((line) => line !== '');
    expect(names.sort()).toEqual(
      [`PATH=${env.PATH}`, 'HOME=/nonexistent', 'LANG=C.UTF-8', 'DB_PASSWORD=given-to-it'].sort(),
    );
    const draft = await plan({ run: ['env'], environment: ['DB_PASSWORD', 'NOT_SET'] });
    expect(draft.preview.join('\n')).toContain('it is given DB_PASSWORD (values not shown)');
    expect(draft.preview.join('\n')).toContain('not set here, so not given: NOT_SET');
    expect(JSON.stringify(draft)).not.toContain('given-to-it');
  });

  test('tells its last line while it runs, and keeps what it printed', async () => {
    script('talk', 'echo one; pwd; echo two >&2');
    const told: string[] = [];
    const outcome = await run({ run: ['./talk'] }, {}, { progress: (line: string) => told.push(line) });
    expect(outcome).toMatchObject({ state: 'succeeded', summary: expect.stringContaining('exit 0') });
    expect(outcome).toHaveProperty('output', expect.stringContaining(folder));
    // Two pipes: which of them is read last nobody promises.
    expect([folder, 'two']).toContain(told.at(-1));
  });

  test('a program that fails is told with its code and its last lines', async () => {
    script('fail', 'echo working; echo "no such table" >&2; exit 2');
    expect(await run({ run: ['./fail'] })).toMatchObject({
      state: 'failed',
      summary: expect.stringMatching(/exit 2 after .*no such table/u),
      items: [{ name: 'job', outcome: 'failed' }],
    });
  });

  test('keeps the end of an output without end, and says what was cut', async () => {
    script('flood', 'yes 0123456789 | head -c 3000000; echo; echo the end');
    const outcome = await run({ run: ['./flood'] });
    const output = outcome.state === 'superseded' ? '' : (outcome.output ?? '');
    expect(output.length).toBeLessThanOrEqual(OUTPUT_MAX);
    expect(output).toMatch(/^… [\d,]+ characters before this were cut\n/u);
    expect(output.trimEnd().endsWith('the end')).toBe(true);
  });

  test('at its timeout the whole process group goes, also what does not listen', async () => {
    script(
      'deaf',
      "trap '' TERM; echo started; (trap '' TERM; while :; do sleep 1; done) & while :; do sleep 1; done",
    );
    const outcome = await run({ run: ['./deaf'] }, {}, { signal: AbortSignal.timeout(700), timeoutMs: 700 });
    expect(outcome).toMatchObject({
      state: 'failed',
      summary: expect.stringMatching(
        /stopped after .* its time of 700 ms was up; what it had done by then stays/u,
      ),
    });
    await waitFor('the whole group to be gone', 5_000, () => !isBusy(folder));
  });

  test('an abort ends it, and lets it tidy up', async () => {
    script('tidy', "trap 'echo tidied; exit 3' TERM; echo started; while :; do sleep 0.1; done");
    const stop = new AbortController();
    const progress = (line: string): void => {
      if (line === 'started') stop.abort(new Error('it was aborted'));
    };
    const outcome = await run({ run: ['./tidy'] }, {}, { signal: stop.signal, progress });
    expect(outcome).toMatchObject({ state: 'failed', summary: expect.stringContaining('it was aborted') });
    // The shell may add a word on the sleep that ended with it.
    expect(outcome).toHaveProperty('output', expect.stringMatching(/^started\n(?:Terminated\n)?tidied\n$/u));
    await waitFor('the whole group to be gone', 5_000, () => !isBusy(folder));
  });

  test('what stays in the background does not hold it up', async () => {
    script('leave', 'sleep 30 & echo $! > left; echo done');
    const outcome = await run({ run: ['./leave'] });
    expect(outcome).toMatchObject({ state: 'succeeded' });
    const left = Number(execFileSync('cat', [join(folder, 'left')], { encoding: 'utf8' }));
    process.kill(left, 'SIGKILL');
  });

  test('a file that no system can start was never run', async () => {
    writeFileSync(join(folder, 'broken'), '#!/no/such/interpreter\n');
    chmodSync(join(folder, 'broken'), 0o755);
    expect(await run({ run: ['./broken'] })).toMatchObject({
      state: 'failed',
      summary: expect.stringContaining('nothing was run'),
    });
  });
});
