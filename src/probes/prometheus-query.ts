/** One instant query of Prometheus: a number to hold against a bound. */
import { z } from 'zod';
import { oneLine } from '../domain/text.ts';
import { addressOf, probeKind, up } from './probe-kind.ts';
import { askPrometheus } from './prometheus-answer.ts';

const MOST_SHOWN = 50;

const settings = z.strictObject({
  /** PromQL; with several series, the first one is the value. */
  query: z.string().min(1).max(4000),
});

const sample = z.tuple([z.number(), z.string()]);
const answer = z.discriminatedUnion('resultType', [
  z.object({ resultType: z.literal('scalar'), result: sample }),
  z.object({
    resultType: z.literal('vector'),
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: sample })),
  }),
  z.object({ resultType: z.literal('string'), result: sample }),
]);

export const prometheusQuery = probeKind<z.output<typeof settings>>({
  name: 'prometheus.query',
  settings,
  needs: { schemes: ['http', 'https'] },
  facts: { value: { type: 'number' }, series: { type: 'number' } },
  async probe(target, { query }, context) {
    const path = `/api/v1/query?${new URLSearchParams({ query }).toString()}`;
    const data = await askPrometheus(addressOf(target), path, answer, context);
    const series = data.resultType === 'vector' ? data.result : [{ metric: {}, value: data.result }];
    const [first] = series;
    if (first === undefined)
      return { state: 'unknown', reason: 'no data: the query finds nothing', facts: { series: 0 } };
    const value = Number(first.value[1]);
    const output = series
      .slice(0, MOST_SHOWN)
      .map((entry) => `${labels(entry.metric)} ${entry.value[1]}`.trim());
    const facts = { value: Number.isFinite(value) ? value : null, series: series.length };
    if (Number.isFinite(value)) return up(facts, output.join('\n'));
    // 0/0 is what a ratio without any traffic comes to.
    return {
      state: 'unknown',
      reason: `no data: the query’s value is ${oneLine(first.value[1], 20)}`,
      facts,
    };
  },
});

function labels(metric: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(metric).filter(([name]) => name !== '__name__');
  const inside = pairs.map(([name, value]) => `${name}="${value}"`).join(', ');
  return oneLine(`${metric.__name__ ?? ''}${inside === '' ? '' : `{${inside}}`}`, 200);
}
