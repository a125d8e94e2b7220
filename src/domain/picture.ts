/** What a message's picture shows: asked for in the journal, drawn by a worker. */
import { expressionOf } from './alert-expression.ts';
import type { Chart } from './chart.ts';
import { oneLine, plain } from './text.ts';

/** A metric that a runbook, or the alert itself, is about. */
export interface MetricPicture {
  /** PromQL. */
  readonly query: string;
  readonly title: string;
  /** `bytes`, `percent`, `seconds`, or a short text; null: a bare number. */
  readonly unit: string | null;
  readonly threshold: number | null;
}

export type PictureWish =
  | ({ readonly kind: 'metric'; readonly system: string | null } & MetricPicture)
  | { readonly kind: 'chart'; readonly chart: Chart };

const STRING = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/gu;
const BOUND = /^(?<metric>.+?)\s*(?:>=|<=|>|<)\s*(?<bound>-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*$/isu;
/** Binary operators that bind less tightly than a comparison does, or as tightly: what stands before is not all of one side. */
const LOOSER = /(?:^|[\s)])(?:and|or|unless|bool)(?=[\s(])|[<>]|[=!]=/iu;

/**
 * The metric an alert is about, from its generatorURL; null when that has no expression. A bound at the end, as in
 * `rate(errors[5m]) > 0.05`, becomes the threshold: with it the query would find values above it only.
 */
export function pictureOfAlert(generatorUrl: string, alertname: string): MetricPicture | null {
  const expression = plain(expressionOf(generatorUrl) ?? '').trim();
  if (expression === '') return null;
  const title = oneLine(alertname, 100).toWellFormed();
  const whole = { query: expression, title, unit: null, threshold: null };
  // Blanked out in place, so that positions stay and no operator inside a text counts.
  const bare = expression.replace(STRING, (text) => '_'.repeat(text.length));
  const groups = BOUND.exec(bare)?.groups;
  const metric = groups?.metric ?? '';
  if (groups === undefined || !isWhole(metric) || LOOSER.test(outside(metric))) return whole;
  return { ...whole, query: expression.slice(0, metric.length), threshold: Number(groups.bound) };
}

/** Every bracket that opens closes, and none closes before. */
function isWhole(text: string): boolean {
  let depth = 0;
  for (const letter of text) {
    if ('({['.includes(letter)) depth += 1;
    if (')}]'.includes(letter)) depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0;
}

/** What stands outside all brackets, each of which leaves its pair. */
function outside(text: string): string {
  let depth = 0;
  let kept = '';
  for (const letter of text) {
    if ('({['.includes(letter)) depth += 1;
    if (depth === 0 || (depth === 1 && '({['.includes(letter))) kept += letter;
    if (')}]'.includes(letter)) {
      depth -= 1;
      if (depth === 0) kept += letter;
    }
  }
  return kept;
}
