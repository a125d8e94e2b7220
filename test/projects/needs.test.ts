/** Which tests need what is read from what they import; the unit project really starts nothing. */
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importClosure } from './import-closure.ts';
import { needsOf, TEST, testFiles } from './needs.ts';

const needs = (file: string) => needsOf(join(TEST, file));

describe('what a test file needs', () => {
  it('is nothing where only rules are tested', () => {
    expect(needs('domain/advance.test.ts')).toEqual({
      programs: new Map(),
      postgres: false,
      processes: false,
    });
  });

  it('is found through what it imports, however deep', () => {
    const { programs, postgres } = needs('e2e/from-metric.test.ts');
    expect(Object.fromEntries(programs)).toMatchObject({
      prometheus: 'prometheus',
      'redis-server': 'redis-server',
    });
    expect(postgres).toBe(true);
    expect(needs('probes/rabbitmq.test.ts')).toMatchObject({ postgres: false, processes: true });
  });

  it('is written out wherever a program is asked for, so that it can be read', () => {
    const calls = testFiles().flatMap((file) => importClosure(file, TEST));
    const unread = calls
      .filter(({ path }) => relative(TEST, path) !== join('servers', 'program.ts'))
      .filter(({ path }) => !path.startsWith(join(TEST, 'projects')))
      .flatMap(({ path, text }) => {
        const asked = [...text.matchAll(/findProgram\([^)]*\)/gu)].map(([call]) => call);
        return asked
          .filter((call) => !/^findProgram\('[\w./-]+', '[\w.+-]+'\)$/u.test(call))
          .map((call) => `${path}: ${call}`);
      });
    expect(unread).toEqual([]);
  });
});

describe('the unit project', () => {
  // By this way the file does not import it, and so stays of the unit project.
  const { exec, fork, spawn } = process.getBuiltinModule('node:child_process');

  it.each([
    ['spawn', () => spawn('true')],
    ['exec', () => exec('true')],
    ['fork', () => fork('true')],
  ])('refuses %s, and says where such a test belongs', (_, start) => {
    expect(start).toThrow(/a unit test starts no program .*servers project/u);
  });
});
