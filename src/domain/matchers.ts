/** Alertmanager's matchers. */
import type { Matcher } from './runbook.ts';
import { matchesWhole, patternProblem } from './safe-pattern.ts';

export type Labels = Readonly<Record<string, string>>;

export type ParsedMatchers =
  | { readonly matchers: readonly Matcher[] }
  /** `at`: how many characters of the text come before what is wrong. */
  | { readonly error: string; readonly at: number };

const EXAMPLE = 'alertname="HighMemoryUsage", service=~"redis|mysql"';
const TOKENS = {
  blank: '\\s*',
  /** Alertmanager's own names, and since 0.27 others too. */
  label: '[a-zA-Z_\\u0080-\\uffff][^\\s{}!=~,\\\\"\'`]*',
  operator: '=~|!~|!=|=',
  quoted: '"((?:[^"\\\\\\n]|\\\\["\\\\n])*)"',
  unquoted: '[^\\s{}!=~,\\\\"\'`]+',
  open: '\\{',
  close: '\\}',
  comma: ',',
} as const;

/**
 * `alertname="X", service=~"a|b"`, with or without braces around; at least one matcher. Names too may stand in quotes,
 * as Alertmanager writes those that aren't plain since 0.27: `"k8s.namespace"="x"`.
 */
export function parseMatchers(text: string): ParsedMatchers {
  let at = 0;
  const take = (token: keyof typeof TOKENS): RegExpExecArray | null => {
    const pattern = new RegExp(TOKENS[token], 'uy');
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    at += found?.[0].length ?? 0;
    return found;
  };
  const fail = (expected: string): ParsedMatchers => {
    const found = at >= text.length ? 'the end' : `"${text.slice(at, at + 20)}"`;
    return { error: `found ${found}, expected ${expected}, as in ${EXAMPLE}`, at };
  };

  const matchers: Matcher[] = [];
  take('blank');
  const braced = take('open') !== null;
  for (;;) {
    take('blank');
    const name = take('quoted');
    const label = name === null ? take('label')?.[0] : unquote(name[1] ?? '');
    if (label === undefined || label === '') return fail('the name of a label');
    take('blank');
    const op = toOperator(take('operator')?.[0]);
    if (op === null) return fail('one of = != =~ !~');
    take('blank');
    const start = at;
    const quoted = take('quoted');
    const value = quoted === null ? take('unquoted')?.[0] : unquote(quoted[1] ?? '');
    if (value === undefined) return fail('a value in double quotes');
    const refused = op === '=~' || op === '!~' ? patternProblem(value) : null;
    if (refused !== null) return { error: `"${value.slice(0, 40)}": ${refused}`, at: start };
    matchers.push({ label, op, value });
    take('blank');
    if (take('comma') === null) break;
    take('blank');
    // Alertmanager takes a comma at the end too.
    if (at >= text.length || text[at] === '}') break;
  }
  if (braced && take('close') === null) return fail('}');
  take('blank');
  return at < text.length ? fail('a comma or the end') : { matchers };
}

const PLAIN_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/u;

/** A label's name as it is written in a matcher. */
export const sayLabel = (name: string): string => (PLAIN_NAME.test(name) ? name : JSON.stringify(name));

const unquote = (text: string): string =>
  text.replace(/\\(.)/gu, (_, character: string) => (character === 'n' ? '\n' : character));

function toOperator(text: string | undefined): Matcher['op'] | null {
  switch (text) {
    case '=':
    case '!=':
    case '=~':
    case '!~':
      return text;
    default:
      return null;
  }
}

/** A label that isn't there is the empty text, as in Alertmanager. */
export function matches(matcher: Matcher, labels: Labels): boolean {
  const value = Object.hasOwn(labels, matcher.label) ? (labels[matcher.label] ?? '') : '';
  switch (matcher.op) {
    case '=':
      return value === matcher.value;
    case '!=':
      return value !== matcher.value;
    case '=~':
      return matchesLabel(matcher.value, value);
    case '!~':
      return !matchesLabel(matcher.value, value);
    default:
      return matcher.op satisfies never;
  }
}

/** Anchored at both ends, as in Alertmanager. A pattern that lint would refuse matches nothing. */
const matchesLabel = (pattern: string, value: string): boolean =>
  patternProblem(pattern) === null && matchesWhole(pattern, value);
