/** An answer is held against what its kind declares. */
import { expect, test } from 'vitest';
import { type FactDeclarations, factProblems, firstFact } from '../../src/domain/fact.ts';

const DECLARED: FactDeclarations = {
  used: { type: 'number', unit: '%' },
  state: { type: 'text', values: ['running', 'exited'] },
  name: { type: 'text' },
  on: { type: 'boolean' },
  value: { type: 'any' },
};

test('what a server can answer has no problem; what it doesn’t let be known is null', () => {
  for (const facts of [
    {},
    { used: 1.5, state: 'exited', name: 'x', on: false, value: 3 },
    { used: null, value: true },
  ])
    expect(factProblems(DECLARED, facts)).toEqual([]);
});

test('a fact that is not declared, or of another type, is a problem that says what was expected', () => {
  expect(factProblems(DECLARED, { toString: 1 })).toEqual([{ fact: 'toString', why: 'is no fact of it' }]);
  expect(factProblems(DECLARED, { used: '91', state: 'gone', on: 'true', name: 5 })).toEqual([
    { fact: 'used', why: 'is "91"; expected a number (%)' },
    { fact: 'state', why: 'is "gone"; expected one of running, exited' },
    { fact: 'on', why: 'is "true"; expected true or false' },
    { fact: 'name', why: 'is 5; expected a text' },
  ]);
});

test('a plain expectation is compared with the fact that is declared first', () => {
  expect(firstFact(DECLARED)).toBe('used');
  expect(firstFact({})).toBeNull();
});
