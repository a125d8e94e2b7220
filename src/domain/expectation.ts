/** Whether what a probe learnt is as the runbook expects it. */
import { type Comparison, type Order, readComparison } from './comparison.ts';
import {
  type FactDeclaration,
  type FactDeclarations,
  type Facts,
  type FactValue,
  firstFact,
} from './fact.ts';
import type { Expectation } from './runbook.ts';
import { matchesPattern } from './safe-pattern.ts';
import { cut } from './text.ts';

export type Met = { readonly ok: true } | { readonly ok: false; readonly why: string };

/** Of a fact that its kind doesn't declare, in a run that began with an older version. */
const UNDECLARED: FactDeclaration = { type: 'any' };

/**
 * A plain value is compared with the first fact, a record with each fact it names, each by its declared type and unit.
 * `says` gives a fact's name for people: `maxmemory-policy is noeviction, should be allkeys-lru`.
 */
export function meets(
  expectation: Expectation,
  facts: Facts,
  declared: FactDeclarations,
  says: (fact: string) => string = (fact) => fact,
): Met {
  const wanted = isRecord(expectation)
    ? Object.entries(expectation)
    : [[firstFact(declared) ?? '', expectation] as const];
  const whys = wanted.flatMap(([name, value]) => {
    const fact = Object.hasOwn(facts, name) ? facts[name] : undefined;
    const declaration = Object.hasOwn(declared, name) ? declared[name] : undefined;
    const why = differs(value, fact, declaration ?? UNDECLARED);
    return why === null ? [] : [`${says(name)} ${why}`];
  });
  return whys.length === 0 ? { ok: true } : { ok: false, why: whys.join('; ') };
}

function differs(wanted: FactValue, fact: FactValue | undefined, declared: FactDeclaration): string | null {
  if (fact === undefined) return `is not known, should be ${shown(wanted)}`;
  const read = readComparison(wanted, declared);
  if ('problem' in read) return `can’t be compared: ${read.problem}`;
  if (holds(read.comparison, fact)) return null;
  const { comparison } = read;
  const isSo = `is ${shown(fact)}`;
  if (comparison.kind === 'pattern') return `${isSo}, should match ${shown(comparison.pattern)}`;
  if (comparison.kind !== 'nothing' && comparison.operator === '!=') return `${isSo}, should not be`;
  return `${isSo}, should be ${shown(typeof wanted === 'string' ? wanted.replace(/^(<=|>=|<|>)\s*/u, '$1 ') : wanted)}`;
}

/** A fact that is null is neither more nor less than anything, nor other than it. */
function holds(comparison: Comparison, fact: FactValue): boolean {
  if (comparison.kind === 'nothing') return fact === null;
  if (fact === null) return false;
  switch (comparison.kind) {
    case 'number': {
      const value = toNumber(fact);
      if (value === null) return comparison.operator === '!=';
      return compare(comparison.operator, value, comparison.operand);
    }
    case 'text':
    case 'boolean':
      return (String(fact) === String(comparison.operand)) === (comparison.operator === '=');
    case 'pattern':
      return matchesPattern(comparison.pattern, String(fact));
    default:
      return comparison satisfies never;
  }
}

function compare(operator: Order | '=' | '!=', value: number, limit: number): boolean {
  switch (operator) {
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
    case '=':
      return value === limit;
    case '!=':
      return value !== limit;
    default:
      return operator satisfies never;
  }
}

/** A query may give a number as text. */
function toNumber(value: FactValue): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string' || value.trim() === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

const shown = (value: FactValue): string => (value === null ? '(nothing)' : cut(String(value), 60));

function isRecord(expectation: Expectation): expectation is Readonly<Record<string, FactValue>> {
  return typeof expectation === 'object' && expectation !== null;
}
