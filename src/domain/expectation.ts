/** Whether what a probe learnt is as the runbook expects it. */
import type { Facts, FactValue } from './probe.ts';
import type { Expectation } from './runbook.ts';
import { matchesPattern } from './safe-pattern.ts';
import { cut } from './text.ts';

export type Met = { readonly ok: true } | { readonly ok: false; readonly why: string };

/**
 * A plain value is compared with the first fact, a record with each fact it names. A text that begins with
 * `< <= > >=` compares numbers, `!=` is "anything but", `~` a regular expression; anything else is equality.
 * `says` gives a fact's name for people: `maxmemory-policy is noeviction, should be allkeys-lru`.
 */
export function meets(
  expectation: Expectation,
  facts: Facts,
  firstFact: string,
  says: (fact: string) => string = (fact) => fact,
): Met {
  const wanted = isRecord(expectation) ? Object.entries(expectation) : [[firstFact, expectation] as const];
  const whys = wanted.flatMap(([name, value]) => {
    const fact = Object.hasOwn(facts, name) ? facts[name] : undefined;
    const why = differs(value, fact);
    return why === null ? [] : [`${says(name)} ${why}`];
  });
  return whys.length === 0 ? { ok: true } : { ok: false, why: whys.join('; ') };
}

function differs(wanted: FactValue, fact: FactValue | undefined): string | null {
  if (fact === undefined) return `is not known, should be ${shown(wanted)}`;
  const [, operator = '', operand = ''] =
    typeof wanted === 'string' ? (/^(<=|>=|!=|<|>|~)\s*(.*)$/su.exec(wanted) ?? []) : [];
  const isSo = `is ${shown(fact)}`;
  if (operator === '') return same(wanted, fact) ? null : `${isSo}, should be ${shown(wanted)}`;
  if (operator === '!=') return same(operand, fact) ? `${isSo}, should not be` : null;
  if (operator === '~') return matches(operand, fact, isSo);
  const limit = toNumber(operand);
  if (limit === null) return `can’t be compared: ${shown(operand)} is not a number`;
  const value = toNumber(fact);
  const holds = value !== null && compare(operator, value, limit);
  return holds ? null : `${isSo}, should be ${operator} ${operand}`;
}

function matches(pattern: string, fact: FactValue, isSo: string): string | null {
  try {
    return matchesPattern(pattern, String(fact)) ? null : `${isSo}, should match ${shown(pattern)}`;
  } catch (error) {
    return `can’t be compared: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function compare(operator: string, value: number, limit: number): boolean {
  switch (operator) {
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '>':
      return value > limit;
    default:
      return value >= limit;
  }
}

/** Quotes in YAML make no difference: `5` and `"5"` are the same. */
function same(wanted: FactValue, fact: FactValue): boolean {
  if (wanted === null || fact === null) return wanted === fact;
  return String(wanted) === String(fact);
}

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
