import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Checkout, makeCheckoutWithTools } from './checkout.ts';

const CONFIG = `export default { test: { include: ['test/**/*.test.ts'] } };\n`;
const BIOME = JSON.stringify({
  files: { includes: ['src/**'] },
  formatter: { enabled: false },
  linter: { rules: { recommended: false, suspicious: { noDebugger: 'error' } } },
});
const RUN_MS = 60_000;

let checkout: Checkout;
beforeEach(() => {
  checkout = makeCheckoutWithTools();
  checkout.write('vitest.config.ts', CONFIG);
  checkout.write('biome.json', BIOME);
  checkout.write('src/sound.ts', 'export const sound: number = 1;\n');
});
afterEach(() => checkout.remove());

const testFile = (lines: readonly string[]): string =>
  [`import { expect, test } from 'vitest';`, ...lines, ''].join('\n');

async function npmTest(...filter: readonly string[]) {
  const running = checkout.run('test.mjs', filter);
  const code = await running.ended;
  return { code, output: running.output(), last: running.output().trimEnd().split('\n').at(-1) };
}

test(
  'types and lint count as one each, and every test as one',
  async () => {
    checkout.write('test/a.test.ts', testFile([`test('one', () => expect(1).toBe(1));`]));
    expect(await npmTest()).toMatchObject({ code: 0, last: '3 passed, 0 failed, 0 skipped' });
  },
  RUN_MS,
);

test(
  'the slowest files are named before the counts, the slowest first',
  async () => {
    const slow = (ms: number) =>
      testFile([
        `test('one', () => expect(new Promise((done) => setTimeout(done, ${ms}))).resolves.toBe(undefined));`,
      ]);
    checkout.write('test/quick.test.ts', slow(1));
    checkout.write('test/slow.test.ts', slow(700));
    const { output } = await npmTest();
    expect(output).toMatch(
      /slowest files\n +\d+\.\d s {2}test\/slow\.test\.ts\n +\d+\.\d s {2}test\/quick\.test\.ts\n\n4 passed/u,
    );
  },
  RUN_MS,
);

test(
  'failed and skipped tests are counted apart, and a failed one fails the run',
  async () => {
    checkout.write(
      'test/a.test.ts',
      testFile([
        `test('one', () => expect(1).toBe(1));`,
        `test('two', () => expect(1).toBe(2));`,
        `test.skip('three', () => undefined);`,
        `test.todo('four');`,
      ]),
    );
    expect(await npmTest()).toMatchObject({ code: 1, last: '3 passed, 1 failed, 2 skipped' });
  },
  RUN_MS,
);

test(
  'a test file that can’t be loaded fails the run',
  async () => {
    checkout.write('test/a.test.ts', testFile([`test('one', () => expect(1).toBe(1));`]));
    checkout.write(
      'test/b.test.ts',
      testFile([`throw new Error('broken');`, `test('never', () => expect(1).toBe(1));`]),
    );
    const { code, last } = await npmTest();
    expect({ code, last }).toEqual({ code: 1, last: '3 passed, 1 failed, 0 skipped' });
  },
  RUN_MS,
);

test(
  'a pattern chooses the files',
  async () => {
    checkout.write('test/a.test.ts', testFile([`test('one', () => expect(1).toBe(1));`]));
    checkout.write('test/b.test.ts', testFile([`test('two', () => expect(1).toBe(2));`]));
    expect(await npmTest('test/a')).toMatchObject({ code: 0, last: '3 passed, 0 failed, 0 skipped' });
  },
  RUN_MS,
);

test(
  'a wrong type stops it before anything runs',
  async () => {
    checkout.write('src/sound.ts', `export const sound: number = 'no';\n`);
    const { code, last, output } = await npmTest();
    expect({ code, last }).toEqual({ code: 1, last: '0 passed, 1 failed, 0 skipped' });
    expect(output).toContain('src/sound.ts');
    expect(output).not.toContain('== lint');
  },
  RUN_MS,
);

test(
  'a finding of the linter stops it before the tests',
  async () => {
    checkout.write('src/sound.ts', 'export const sound: number = 1; debugger;\n');
    const { code, last, output } = await npmTest();
    expect({ code, last }).toEqual({ code: 1, last: '1 passed, 1 failed, 0 skipped' });
    expect(output).not.toContain('== tests');
  },
  RUN_MS,
);
