/** `expect:` and `holds:`: does the probe learn such a fact, and can it be compared so? */
import { didYouMean } from '../domain/nearest.ts';
import type { Expectation } from '../domain/runbook.ts';
import { patternProblem } from '../domain/safe-pattern.ts';
import type { ProbeKindFacts } from './kinds.ts';
import { type Path, show } from './problem.ts';
import type { YamlFile } from './yaml-file.ts';

export function checkExpectation(
  expectation: Expectation,
  kind: ProbeKindFacts,
  path: Path,
  file: YamlFile,
): boolean {
  const names = Object.keys(kind.facts);
  if (typeof expectation !== 'object' || expectation === null) {
    if (names.length > 0) return checkOperand(expectation, path, file);
    file.fault(path, `expect is ${show(expectation)}; ${kind.name} learns no facts to compare it with`);
    return false;
  }
  const results = Object.entries(expectation).map(([name, value]) => {
    if (names.includes(name)) return checkOperand(value, [...path, name], file);
    const near = didYouMean(name, names);
    const expected = names.length === 0 ? 'which learns none' : `expected one of ${names.join(', ')}`;
    file.fault([...path, name], `there is no fact "${name}" of ${kind.name}; ${expected}${near}`, {
      at: 'key',
    });
    return false;
  });
  return results.every(Boolean);
}

function checkOperand(value: unknown, path: Path, file: YamlFile): boolean {
  const [, operator = '', operand = ''] =
    typeof value === 'string' ? (/^(<=|>=|!=|<|>|~)\s*(.*)$/su.exec(value) ?? []) : [];
  if (operator === '~') {
    const problem = patternProblem(operand);
    if (problem !== null) file.fault(path, `${show(value)}: ${problem}`);
    return problem === null;
  }
  if (operator === '' || operator === '!=') return true;
  if (operand !== '' && Number.isFinite(Number(operand))) return true;
  file.fault(
    path,
    `${show(value)} compares with ${show(operand)}; expected a number, such as "${operator} 85"`,
  );
  return false;
}
