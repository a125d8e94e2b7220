/** A query of Prometheus over a span of time, as the series of a chart. */
import { z } from 'zod';
import { type ChartSeries, MOST_POINTS, MOST_SERIES } from '../domain/chart.ts';
import type { ProbeContext } from '../domain/probe.ts';
import { oneLine } from '../domain/text.ts';
import { askPrometheus } from './prometheus-answer.ts';

/** Newer servers send no more series than this; older ones ignore it, and the answer's size is the bound. */
const MOST_SENT = 1000;
const NAME = 120;

const matrix = z.object({
  resultType: z.literal('matrix'),
  result: z.array(
    z.object({
      metric: z.record(z.string(), z.string()),
      values: z.array(z.tuple([z.number(), z.string()])).default([]),
    }),
  ),
});
type Metric = Readonly<Record<string, string>>;

export interface Range {
  readonly series: readonly ChartSeries[];
  /** How many more series there are. */
  readonly left: number;
}

/**
 * At most 120 points of at most 8 series, those with the highest peaks; where there is no number (also NaN and
 * infinity), null. `from` and `to` in milliseconds. Throws a TargetError when there is no answer.
 */
export async function queryRange(
  base: string,
  query: string,
  { from, to }: { readonly from: number; readonly to: number },
  context: ProbeContext,
): Promise<Range> {
  const stepMs = Math.max(1000, Math.ceil((to - from) / MOST_POINTS / 1000) * 1000);
  const start = from + stepMs;
  const parameters = new URLSearchParams({
    ...{ query, start: String(start / 1000), end: String(to / 1000), step: String(stepMs / 1000) },
    ...{ timeout: `${Math.ceil(context.timeoutMs)}ms`, limit: String(MOST_SENT) },
  });
  const data = await askPrometheus(base, `/api/v1/query_range?${parameters.toString()}`, matrix, context);
  const names = namesOf(data.result.map(({ metric }) => metric));
  const all = data.result.map(({ values }, i): ChartSeries & { readonly peak: number } => {
    const known = new Map(
      values.map(([at, value]) => [Math.round((at * 1000 - start) / stepMs), Number(value)]),
    );
    const points = Array.from({ length: Math.floor((to - start) / stepMs) + 1 }, (_, step) => {
      const value = known.get(step) ?? Number.NaN;
      return [start + step * stepMs, Number.isFinite(value) ? value : null] as const;
    });
    const peak = Math.max(...points.map(([, value]) => value ?? Number.NEGATIVE_INFINITY));
    return { name: names[i] ?? '', points, peak };
  });
  all.sort((a, b) => b.peak - a.peak);
  const series = all.slice(0, MOST_SERIES).map(({ name, points }) => ({ name, points }));
  return { series, left: all.length - series.length };
}

/** What tells the series apart: labels that all have alike are left out. */
function namesOf(metrics: readonly Metric[]): readonly string[] {
  const [first = {}] = metrics;
  const isShared = (name: string): boolean =>
    metrics.length > 1 && metrics.every((metric) => metric[name] === first[name]);
  return metrics.map((metric) => {
    const pairs = Object.entries(metric).filter(([name]) => name !== '__name__' && !isShared(name));
    const [only] = pairs;
    // One label that differs needs no name: the title says what is shown.
    if (only !== undefined && pairs.length === 1) return oneLine(only[1], NAME);
    const inside = pairs.map(([name, value]) => `${name}="${value}"`).join(', ');
    const own = isShared('__name__') ? '' : (metric.__name__ ?? '');
    return oneLine(inside === '' ? own || 'value' : `${own}{${inside}}`, NAME);
  });
}
