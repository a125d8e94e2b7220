import { expect, test } from 'vitest';
import { createBudget } from '../../src/slack/budget.ts';

test('one person has so many requests a minute, is told once that it is too many, and begins anew after it', () => {
  let now = 0;
  const budget = createBudget(() => now);
  const ask = (n: number, person = 'U1') => Array.from({ length: n }, () => budget.take(person, 60));
  expect(ask(60).every((taken) => taken === 'ok')).toBe(true);
  expect(ask(240)).toEqual(['tell', ...Array.from({ length: 239 }, () => 'silent')]);
  expect(ask(1, 'U2')).toEqual(['ok']);
  now = 59_999;
  expect(ask(1)).toEqual(['silent']);
  now = 60_000;
  expect(ask(61).slice(-2)).toEqual(['ok', 'tell']);
});
