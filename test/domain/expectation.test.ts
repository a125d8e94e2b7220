/** What a runbook's `expect:` means. */
import { describe, expect, test } from 'vitest';
import { readComparison } from '../../src/domain/comparison.ts';
import { meets } from '../../src/domain/expectation.ts';
import type { FactDeclarations, Facts, FactValue } from '../../src/domain/fact.ts';
import type { Expectation } from '../../src/domain/runbook.ts';
import { matchesPattern, matchesWhole, patternProblem } from '../../src/domain/safe-pattern.ts';

/** Of these types; the first is the one that a plain value is compared with. */
const DECLARED: FactDeclarations = {
  policy: { type: 'text' },
  used_percent: { type: 'number', unit: '%' },
  keys: { type: 'number' },
  ready: { type: 'boolean' },
  nothing: { type: 'any' },
  size: { type: 'number', unit: 'bytes' },
  age: { type: 'number', unit: 's' },
  state: { type: 'text', values: ['running', 'exited'] },
};
const FACTS: Facts = {
  policy: 'noeviction',
  used_percent: 93.1,
  keys: 5,
  ready: true,
  nothing: null,
  size: 67_108_864,
  age: 90,
  state: 'running',
};

test.each<[Expectation, boolean]>([
  ['noeviction', true],
  ['allkeys-lru', false],
  ['~ ^no', true],
  ['~ ^all', false],
  ['!= allkeys-lru', true],
  ['!= noeviction', false],
  [{ used_percent: '< 95' }, true],
  [{ used_percent: '< 93.1' }, false],
  [{ used_percent: '<= 93.1' }, true],
  [{ used_percent: '>=93.2' }, false],
  [{ used_percent: '> 93' }, true],
  [{ keys: 5 }, true],
  [{ keys: '5' }, true],
  [{ keys: '5.0' }, true],
  [{ size: '64 MiB' }, true],
  [{ size: '<= 64 MB' }, false],
  [{ size: '> 64MB' }, true],
  [{ used_percent: '< 95 %' }, true],
  [{ age: '< 2m' }, true],
  [{ age: '> 2m' }, false],
  [{ state: 'running' }, true],
  [{ ready: 'true' }, true],
  [{ ready: '!= true' }, false],
  [{ ready: true, keys: '> 0' }, true],
  [{ ready: true, keys: '> 5' }, false],
  [{ nothing: null }, true],
  [{ nothing: 'null' }, false],
  [{ policy: '> 3' }, false],
  [{ nothing: '< 3' }, false],
])('%j of the facts is %s', (expectation, ok) => {
  expect(meets(expectation, FACTS, DECLARED).ok).toBe(ok);
});

test('it says what is and what should be', () => {
  const why = (expectation: Expectation) => {
    const met = meets(expectation, FACTS, DECLARED, (name) =>
      name === 'policy' ? 'maxmemory-policy' : name,
    );
    return met.ok ? null : met.why;
  };
  expect(why('allkeys-lru')).toBe('maxmemory-policy is noeviction, should be allkeys-lru');
  expect(why({ used_percent: '< 85', keys: '>5' })).toBe(
    'used_percent is 93.1, should be < 85; keys is 5, should be > 5',
  );
  expect(why({ missing: 3 })).toBe('missing is not known, should be 3');
  expect(why('!= noeviction')).toBe('maxmemory-policy is noeviction, should not be');
  expect(why({ keys: '< many' })).toMatch(
    /^keys can’t be compared: "< many" can't be compared with a number; expected a number such as 85/u,
  );
  expect(why('~ (?=a)')).toMatch(/can’t be compared: .*the pattern is not a regular expression of RE2/u);
});

test('a fact’s name is its own, not the prototype’s', () => {
  expect(meets({ toString: 'x', constructor: 'y' }, FACTS, DECLARED).ok).toBe(false);
});

test.each<[string, FactValue]>([
  ['used_percent', '=> 80'],
  ['used_percent', '== 80'],
  ['used_percent', '= 80'],
  ['used_percent', '≥ 80'],
  ['used_percent', '80..100'],
  ['used_percent', '> eighty'],
  ['used_percent', 'eighty'],
  ['used_percent', '> 80 MB'],
  ['used_percent', '~ ^8'],
  ['used_percent', '>'],
  ['used_percent', ''],
  ['used_percent', true],
  ['used_percent', '0x50'],
  ['used_percent', '1_000'],
  ['keys', '> 5 %'],
  ['keys', '> 5 or so'],
  ['size', '64 megabytes'],
  ['size', '> 1 h'],
  ['age', '5 %'],
  ['ready', 'yes'],
  ['ready', 1],
  ['ready', '> 0'],
  ['policy', '> 3'],
  ['policy', '=> noeviction'],
  ['state', 'runing'],
  ['state', '!= gone'],
  ['nothing', '=> 80'],
  ['nothing', '80..100'],
  ['nothing', '> eighty'],
])('%s with %j can’t be compared, and what can is said', (fact, written) => {
  const read = readComparison(written, DECLARED[fact] ?? { type: 'any' });
  expect('problem' in read ? read.problem : 'taken').toMatch(/can't be compared with .+; expected /u);
  expect(meets({ [fact]: written }, FACTS, DECLARED).ok).toBe(false);
});

test('what was meant by a wrong operator is said', () => {
  const read = readComparison('=> 80', { type: 'number', unit: '%' });
  expect('problem' in read ? read.problem : '').toMatch(/did you mean ">= 80"\?$/u);
});

describe('patterns', () => {
  test.each([
    '^7\\.',
    'Connected to Redis',
    'v\\d+\\.\\d+\\.\\d+',
    '(up|ready)$',
    '[a-z]{3}',
    '(?:ab)+',
    'colou?r',
    '(a+)+$',
    '.*.*.*=',
  ])('%s is taken', (pattern) => expect(patternProblem(pattern)).toBeNull());
  test.each(['(a)\\1', '(?=a)b', '(?<!a)b', '(', 'a{5000}', 'a'.repeat(1001)])('%s is refused', (pattern) =>
    expect(patternProblem(pattern)).not.toBeNull(),
  );

  test('a pattern that a backtracking engine would try for ever is over at once', () => {
    expect(matchesPattern('(a+)+$', `${'a'.repeat(9000)}!`)).toBe(false);
    expect(matchesWhole('(a|aa)*', `${'a'.repeat(9000)}!`)).toBe(false);
  });

  test('of a text without end only the beginning is looked at', () => {
    const text = `${'x'.repeat(100_000)}y`;
    expect(meets('~ x*x*y', { a: text }, { a: { type: 'text' } }).ok).toBe(false);
  });
});
