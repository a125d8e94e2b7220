/** One expectation of one fact, as it is written: `< 85`, `64 MB`, `!= noeviction`, `~ ^7\.`. Lint and the engine read it here. */
import type { FactDeclaration, FactUnit, FactValue } from './fact.ts';
import { sayDeclaration } from './fact.ts';
import { patternProblem } from './safe-pattern.ts';
import { cut } from './text.ts';

export type Order = '<' | '<=' | '>' | '>=';

export type Comparison =
  /** In the fact's own unit. */
  | { readonly kind: 'number'; readonly operator: Order | '=' | '!='; readonly operand: number }
  | { readonly kind: 'text'; readonly operator: '=' | '!='; readonly operand: string }
  | { readonly kind: 'boolean'; readonly operator: '=' | '!='; readonly operand: boolean }
  | { readonly kind: 'pattern'; readonly pattern: string }
  /** The fact is null. */
  | { readonly kind: 'nothing' };

export type Read = { readonly comparison: Comparison } | { readonly problem: string };

const OPERATOR = /^(?<operator><=|>=|!=|<|>|~)\s*(?<operand>.*)$/su;
/** What people write for an operator, and what they mean; none of them begins a value. */
const MEANT: Readonly<Record<string, string>> = {
  '=>': '>=',
  '=<': '<=',
  '==': '',
  '=': '',
  '≥': '>=',
  '≤': '<=',
  '≠': '!=',
  '<>': '!=',
};
const MISWRITTEN = /^(?<sign>=>|=<|==|<>|=|≥|≤|≠)\s*(?<operand>.*)$/su;
const RANGE = /^-?[\d.]+\s*(?:\.\.|–|to)\s*-?[\d.]+$/u;
const NUMBER = /^(?<number>-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(?<unit>\D*)$/iu;

/** Units that may be written behind a number, by the fact's own, and how many of the fact's own each is. */
const WRITTEN: Readonly<Record<FactUnit, Readonly<Record<string, number>>>> = {
  bytes: {
    ...{ B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 },
    ...{ KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 },
  },
  '%': { '%': 1 },
  ms: { ms: 1, s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7 },
  s: { ms: 1e-3, s: 1, m: 60, h: 3600, d: 86_400 },
  h: { m: 1 / 60, h: 1, d: 24 },
  days: { h: 1 / 24, d: 1, days: 1 },
  '/s': { '/s': 1 },
};

/** Pure. `problem`: why the two can't be compared, and what can stand there. */
export function readComparison(written: FactValue, declared: FactDeclaration): Read {
  if (written === null) return { comparison: { kind: 'nothing' } };
  if (typeof written !== 'string') return readOperand('=', written, String(written), written, declared);
  const text = written.trim();
  const wrong = MISWRITTEN.exec(text)?.groups;
  if (wrong !== undefined) {
    const right = `${MEANT[wrong.sign ?? ''] ?? ''} ${wrong.operand ?? ''}`.trim();
    return refused(written, declared, `; did you mean "${right}"?`);
  }
  const { operator = '=', operand = text } = OPERATOR.exec(text)?.groups ?? {};
  if (operator === '~') return readPattern(operand, written, declared);
  return readOperand(operator as Order | '=' | '!=', operand, operand, written, declared);
}

function readPattern(pattern: string, written: FactValue, declared: FactDeclaration): Read {
  if (declared.type !== 'text' && declared.type !== 'any') return refused(written, declared);
  const problem = patternProblem(pattern);
  return problem === null
    ? { comparison: { kind: 'pattern', pattern } }
    : { problem: `${show(written)}: ${problem}` };
}

function readOperand(
  operator: Order | '=' | '!=',
  operand: string | number | boolean,
  text: string,
  written: FactValue,
  declared: FactDeclaration,
): Read {
  const isOrder = operator !== '=' && operator !== '!=';
  switch (declared.type) {
    case 'number': {
      const number = typeof operand === 'boolean' ? null : readNumber(text, declared.unit);
      return number === null
        ? refused(written, declared)
        : { comparison: { kind: 'number', operator, operand: number } };
    }
    case 'boolean':
      if (isOrder || (text !== 'true' && text !== 'false')) return refused(written, declared);
      return { comparison: { kind: 'boolean', operator, operand: text === 'true' } };
    case 'text':
      if (isOrder || text === '' || declared.values?.includes(text) === false)
        return refused(written, declared);
      return { comparison: { kind: 'text', operator, operand: text } };
    case 'any': {
      const number = readNumber(text);
      if (number !== null && typeof operand !== 'boolean')
        return { comparison: { kind: 'number', operator, operand: number } };
      if (isOrder || text === '' || RANGE.test(text)) return refused(written, declared);
      return { comparison: { kind: 'text', operator, operand: text } };
    }
    default:
      return declared satisfies never;
  }
}

/** Null: it is no number, or its unit is not one of this fact's. */
function readNumber(text: string, unit?: FactUnit): number | null {
  const { number = '', unit: behind = '' } = NUMBER.exec(text.trim())?.groups ?? {};
  const value = number === '' ? Number.NaN : Number(number);
  if (!Number.isFinite(value)) return null;
  const written = behind.trim();
  if (written === '') return value;
  const times = unit === undefined ? undefined : WRITTEN[unit][written];
  return times === undefined ? null : value * times;
}

function refused(written: FactValue, declared: FactDeclaration, more = ''): Read {
  return {
    problem: `${show(written)} can't be compared with ${sayDeclaration(declared)}; expected ${sayAllowed(declared)}${more}`,
  };
}

/** For people: what may stand in `expect` and `holds` for such a fact. */
function sayAllowed(declared: FactDeclaration): string {
  switch (declared.type) {
    case 'number': {
      const units = declared.unit === undefined ? [] : Object.keys(WRITTEN[declared.unit]);
      const behind = units.length === 0 ? '' : `, with ${units.join(', ')} or nothing behind it`;
      return `a number such as 85 or "< 85" (< <= > >= !=)${behind}`;
    }
    case 'text':
      return `${declared.values === undefined ? 'a text' : declared.values.join(', ')}, "!= text" or "~ pattern"`;
    case 'boolean':
      return 'true or false';
    case 'any':
      return 'a value, "!= value", "~ pattern", or a number behind < <= > >=';
    default:
      return declared satisfies never;
  }
}

const show = (written: FactValue): string =>
  typeof written === 'string' ? `"${cut(written, 60)}"` : String(written);
