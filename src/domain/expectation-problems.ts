/** `expect:` and `holds:`: does the probe learn such a fact, and can it be compared so? */
import { readComparison } from './comparison.ts';
import type { FactDeclaration, FactValue } from './fact.ts';
import type { ProbeKindFacts } from './kinds.ts';
import { didYouMean } from './nearest.ts';
import { type PlacedProblem, show } from './placed-problem.ts';
import type { Expectation } from './runbook.ts';

/** Places are those inside the expectation. */
export function expectationProblems(
  expectation: Expectation,
  kind: Pick<ProbeKindFacts, 'name' | 'facts'>,
): readonly PlacedProblem[] {
  const names = Object.keys(kind.facts);
  if (typeof expectation !== 'object' || expectation === null) {
    const first = kind.facts[names[0] ?? ''];
    if (first !== undefined) return operandProblems(expectation, first, []);
    const message = `expect is ${show(expectation)}; ${kind.name} learns no facts to compare it with`;
    return [{ path: [], message }];
  }
  return Object.entries(expectation).flatMap(([name, value]) => {
    const declared = Object.hasOwn(kind.facts, name) ? kind.facts[name] : undefined;
    if (declared !== undefined) return operandProblems(value, declared, [name]);
    const near = didYouMean(name, names);
    const expected = names.length === 0 ? 'which learns none' : `expected one of ${names.join(', ')}`;
    const message = `there is no fact "${name}" of ${kind.name}; ${expected}${near}`;
    return [{ path: [name], message, at: 'key' as const }];
  });
}

function operandProblems(
  written: FactValue,
  declared: FactDeclaration,
  path: readonly string[],
): readonly PlacedProblem[] {
  const read = readComparison(written, declared);
  return 'problem' in read ? [{ path, message: read.problem }] : [];
}
