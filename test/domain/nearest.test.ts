import { describe, expect, test } from 'vitest';
import { didYouMean, editDistance, nearest } from '../../src/domain/nearest.ts';

describe('the nearest name', () => {
  test.each([
    ['redsi', 'redis'],
    ['Redis', 'redis'],
    ['postgress', 'postgres'],
    ['rd', null],
    ['kubernetes', null],
    ['', null],
  ])('of %s is %s', (word, expected) => {
    const known = ['redis', 'postgres', 'mysql', 'moalog-server'];
    expect(nearest(word, known)).toBe(expected);
  });

  test.each([
    ['abc', 'abc', 0],
    ['abc', 'acb', 1],
    ['abc', 'ab', 1],
    ['abc', 'xbc', 1],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
  ])('%s to %s takes %i edits', (a, b, edits) => {
    expect(editDistance(a, b)).toBe(edits);
  });

  test('is said, or nothing is', () => {
    expect(didYouMean('mysq', ['mysql'])).toBe('; did you mean "mysql"?');
    expect(didYouMean('x', ['mysql'])).toBe('');
  });
});
