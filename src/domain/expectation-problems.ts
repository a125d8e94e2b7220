/** `expect:` and `holds:`: does the probe learn such a fact, and can it be compared so? */
import type { ProbeKindFacts } from './kinds.ts';
import { didYouMean } from './nearest.ts';
import { type PlacedProblem, show } from './placed-problem.ts';
import type { Expectation } from './runbook.ts';
import { patternProblem } from './safe-pattern.ts';

/** Places are those inside the expectation. */
export function expectationProblems(
  expectation: Expectation,
  kind: Pick<ProbeKindFacts, 'name' | 'facts'>,
): readonly PlacedProblem[] {
  const names = Object.keys(kind.facts);
  if (typeof expectation !== 'object' || expectation === null) {
    if (names.length > 0) return operandProblems(expectation, []);
    const message = `expect is ${show(expectation)}; ${kind.name} learns no facts to compare it with`;
    return [{ path: [], message }];
  }
  return Object.entries(expectation).flatMap(([name, value]) => {
    if (names.includes(name)) return operandProblems(value, [name]);
    const near = didYouMean(name, names);
    const expected = names.length === 0 ? 'which learns none' : `expected one of ${names.join(', ')}`;
    const message = `there is no fact "${name}" of ${kind.name}; ${expected}${near}`;
    return [{ path: [name], message, at: 'key' as const }];
  });
}

function operandProblems(value: unknown, path: readonly string[]): readonly PlacedProblem[] {
  const [, operator = '', operand = ''] =
    typeof value === 'string' ? (/^(<=|>=|!=|<|>|~)\s*(.*)$/su.exec(value) ?? []) : [];
  if (operator === '~') {
    const problem = patternProblem(operand);
    return problem === null ? [] : [{ path, message: `${show(value)}: ${problem}` }];
  }
  if (operator === '' || operator === '!=') return [];
  if (operand !== '' && Number.isFinite(Number(operand))) return [];
  const message = `${show(value)} compares with ${show(operand)}; expected a number, such as "${operator} 85"`;
  return [{ path, message }];
}
