/** What a runbook's `expect:` means. */
import { describe, expect, test } from 'vitest';
import { meets } from '../../src/domain/expectation.ts';
import type { Facts } from '../../src/domain/probe.ts';
import type { Expectation } from '../../src/domain/runbook.ts';
import { matchesPattern, matchesWhole, patternProblem } from '../../src/domain/safe-pattern.ts';

const FACTS: Facts = { policy: 'noeviction', used_percent: 93.1, keys: 5, ready: true, nothing: null };

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
  [{ keys: '5.0' }, false],
  [{ ready: true, keys: '> 0' }, true],
  [{ ready: true, keys: '> 5' }, false],
  [{ nothing: null }, true],
  [{ nothing: 'null' }, false],
  [{ policy: '> 3' }, false],
  [{ nothing: '< 3' }, false],
])('%j of the facts is %s', (expectation, ok) => {
  expect(meets(expectation, FACTS, 'policy').ok).toBe(ok);
});

test('it says what is and what should be', () => {
  const why = (expectation: Expectation) => {
    const met = meets(expectation, FACTS, 'policy', (name) =>
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
  expect(why({ keys: '< many' })).toBe('keys can’t be compared: many is not a number');
  expect(why('~ (?=a)')).toMatch(/can’t be compared: the pattern is not a regular expression of RE2/u);
});

test('a fact’s name is its own, not the prototype’s', () => {
  expect(meets({ toString: 'x', constructor: 'y' }, FACTS, 'policy').ok).toBe(false);
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
    expect(meets('~ x*x*y', { a: text }, 'a').ok).toBe(false);
  });
});
