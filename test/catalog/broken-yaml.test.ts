import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { brokenRecovery } from './broken-recovery.ts';
import { brokenRunbooks, runbook } from './broken-runbooks.ts';
import { brokenSystems } from './broken-systems.ts';
import { brokenWriting } from './broken-writing.ts';
import { problemsOf, RUNBOOK, SYSTEM } from './written.ts';

function place(yaml: string): { readonly text: string; readonly line: number; readonly col: number } {
  const at = yaml.indexOf('▸');
  const before = yaml.slice(0, at).split('\n');
  return { text: yaml.replace('▸', ''), line: before.length, col: (before.at(-1)?.length ?? 0) + 1 };
}

describe('what is wrong in a file is told once, at its place', () => {
  test.each([...brokenRunbooks, ...brokenRecovery, ...brokenWriting])(
    'a runbook with $name',
    async ({ yaml, says }) => {
      const { text, line, col } = place(yaml);
      const problems = await problemsOf({ 'shop/redis-full.yaml': text });
      expect(problems).toEqual([
        { file: 'shop/redis-full.yaml', line, col, message: expect.stringMatching(says) },
      ]);
    },
  );

  test.each(brokenSystems)('a system with $name', async ({ yaml, says }) => {
    const { text, line, col } = place(yaml);
    const problems = await problemsOf({
      'shop/system.yaml': text,
      'shop/redis-full.yaml': 'version: 1\ntitle: x\n',
    });
    expect(problems).toEqual([{ file: 'shop/system.yaml', line, col, message: expect.stringMatching(says) }]);
  });

  test('a person who is no Slack id', async () => {
    const problems = await problemsOf({ 'org.yaml': 'version: 1\nroles:\n  on-call: tara, U012AB3CD\n' });
    expect(problems).toEqual([
      {
        file: 'org.yaml',
        line: 3,
        col: 12,
        message: expect.stringMatching(/"tara" is no Slack id; expected/),
      },
    ]);
  });
});

describe('what is no fault', () => {
  test.each([
    ['a byte order mark', `\uFEFF${RUNBOOK}`],
    ['lines that end as on Windows', RUNBOOK.replaceAll('\n', '\r\n')],
    ['no end of the last line', RUNBOOK.trimEnd()],
    ['a document that is marked as one', `---\n${RUNBOOK}...\n`],
    ['an anchor that is used', runbook('title: Redis is full', 'title: &t Redis is full\nimpact: *t')],
    ['an emoji in a text', runbook('Redis is full', 'Redis is full 🔥')],
    ['the word no, which is a text', runbook('Redis is full', 'no')],
  ])('%s', async (_, yaml) => {
    expect(await problemsOf({ 'shop/redis-full.yaml': yaml })).toEqual([]);
  });

  test('a place is counted in lines and characters, whatever ends the lines and begins the file', async () => {
    const broken = runbook('db: 0', 'db: 99');
    const [plain] = await problemsOf({ 'shop/redis-full.yaml': broken });
    const [windows] = await problemsOf({ 'shop/redis-full.yaml': broken.replaceAll('\n', '\r\n') });
    const [marked] = await problemsOf({ 'shop/redis-full.yaml': `\uFEFF${broken}` });
    expect(windows).toEqual(plain);
    expect(marked).toEqual(plain);
  });
});

describe('triggers that two runbooks share', () => {
  const other = RUNBOOK.replace('title: Redis is full', 'title: Redis is fuller');

  test('the one that would never be chosen is named, and the one that is', async () => {
    const problems = await problemsOf({ 'shop/redis-more.yaml': other });
    expect(problems).toEqual([
      {
        file: 'shop/redis-more.yaml',
        line: 4,
        col: 5,
        message: expect.stringMatching(
          /redis-full has the same trigger, and comes before redis-more: no alert would choose redis-more by it; expected one more matcher/,
        ),
      },
    ]);
  });

  test('one more matcher, or another system, is fine', async () => {
    const narrower = other.replace('service="redis"\n', 'service="redis", severity="critical"\n');
    expect(await problemsOf({ 'shop/redis-more.yaml': narrower })).toEqual([]);
    expect(await problemsOf({ 'store/system.yaml': SYSTEM, 'store/redis-full.yaml': RUNBOOK })).toEqual([]);
  });

  test('a system that extends another has its triggers too, and may be named in them', async () => {
    const dev = 'version: 1\ntitle: Shop, dev\nextends: shop\n';
    const named = RUNBOOK.replace('service="redis"\n', 'service="redis", system="shop-dev"\n');
    expect(await problemsOf({ 'shop-dev/system.yaml': dev, 'shop/redis-full.yaml': named })).toEqual([]);
    expect(await problemsOf({ 'shop-dev/system.yaml': dev, 'shop-dev/redis-more.yaml': other })).toHaveLength(
      1,
    );
  });
});

describe('files that must not be read', () => {
  test('anchors that explode are refused at the first alias, at once', async () => {
    const levels = Array.from(
      { length: 9 },
      (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`,
    );
    const started = performance.now();
    const problems = await problemsOf({
      'shop/redis-full.yaml': `l0: &l0 [lol, lol]\n${levels.join('\n')}\n`,
    });
    expect(performance.now() - started).toBeLessThan(2000);
    expect(problems).toEqual([
      {
        file: 'shop/redis-full.yaml',
        line: 2,
        col: 10,
        message: expect.stringMatching(/the aliases from here on multiply/),
      },
    ]);
  });

  test('an anchor inside itself', async () => {
    const problems = await problemsOf({ 'shop/redis-full.yaml': 'version: 1\ntitle: &a [*a]\n' });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ file: 'shop/redis-full.yaml', line: 2 });
  });

  test.each([
    ['brackets', '['.repeat(10_000)],
    ['maps', '{a: '.repeat(10_000)],
    ['lists', '- '.repeat(10_000)],
    ['indents', Array.from({ length: 400 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
  ])('%s nested without end', async (_, yaml) => {
    const problems = await problemsOf({ 'shop/redis-full.yaml': yaml });
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toMatch(/nested more than 32 deep/);
  });

  test('a file that is too large', async () => {
    const problems = await problemsOf({ 'shop/redis-full.yaml': `#${'x'.repeat(300_000)}` });
    expect(problems).toEqual([
      {
        file: 'shop/redis-full.yaml',
        line: 1,
        col: 1,
        message: expect.stringMatching(/300001 bytes; expected at most 262144/),
      },
    ]);
  });

  test('a file that is not UTF-8', async () => {
    const problems = await problemsOf({ 'shop/redis-full.yaml': new Uint8Array([0x61, 0xff, 0xfe]) });
    expect(problems).toEqual([
      {
        file: 'shop/redis-full.yaml',
        line: 1,
        col: 1,
        message: 'the file is not UTF-8 text; save it as UTF-8',
      },
    ]);
  });

  test.each([
    ['shop/old.yml', 'shop/old.yml', /ends in .yml; expected .yaml/],
    ['shop/Redis.yaml', 'shop/Redis.yaml', /"Redis" is no name of a runbook/],
    ['stray.yaml', 'stray.yaml', /in the folder of all systems; expected org\.yaml and alerts\.yaml alone/],
    ['empty/one.yaml', 'empty/system.yaml', /the system empty has no system.yaml/],
    ['shop/deep/one.yaml', 'shop/deep', /the folder "deep" is not read/],
  ])('%s, which has the wrong name or place', async (file, told, says) => {
    const problems = await problemsOf({ [file]: 'version: 1\n' });
    expect(problems).toEqual([{ file: told, line: 1, col: 1, message: expect.stringMatching(says) }]);
  });

  test('files that are no YAML, and hidden ones, are left alone', async () => {
    expect(await problemsOf({ 'shop/README.md': '#', 'shop/.draft.yaml': '[', '.git/x.yaml': '[' })).toEqual(
      [],
    );
  });
});

test('several problems come in the order of files and lines', async () => {
  const problems = await problemsOf({
    'shop/redis-full.yaml': runbook('db: 0', 'db: 99').replace('section: memory', 'section: none'),
    'org.yaml': 'version: 2\nroles: {}\n',
  });
  expect(problems.map(({ file, line }) => `${file}:${line}`)).toEqual([
    'org.yaml:1',
    'shop/redis-full.yaml:7',
    'shop/redis-full.yaml:12',
  ]);
});

test('whatever is done to a file, the answer is a catalog or a list of problems', {
  timeout: 30_000,
}, async () => {
  const edits = fc.array(
    fc.record({
      at: fc.nat(RUNBOOK.length),
      cut: fc.nat(30),
      put: fc.oneof(
        fc.string({ maxLength: 6 }),
        fc.constantFrom('\n', '  ', '- ', '{', '}', '[', '&a ', '*a', '!!x ', '${', '"', ': '),
      ),
    }),
    { minLength: 1, maxLength: 4 },
  );
  await fc.assert(
    fc.asyncProperty(edits, async (changes) => {
      const text = changes.reduce(
        (now, { at, cut, put }) => now.slice(0, at) + put + now.slice(at + cut),
        RUNBOOK,
      );
      const problems = await problemsOf({ 'shop/redis-full.yaml': text });
      for (const { line, col, message } of problems) {
        expect(line).toBeGreaterThan(0);
        expect(col).toBeGreaterThan(0);
        expect(message).not.toMatch(/undefined|\[object|Invalid input/);
      }
    }),
    { numRuns: 300 },
  );
});
