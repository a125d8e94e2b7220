/** What makes an alert true, asked of a Prometheus: its expression now, and alerting rules by their name. */
import { z } from 'zod';
import { type AlertRule, LONGEST_EXPRESSION, type Series } from '../domain/alert-expression.ts';
import type { ProbeContext } from '../domain/probe.ts';
import { askPrometheus } from './prometheus-answer.ts';

const sample = z.tuple([z.number(), z.string()]);
const vector = z.discriminatedUnion('resultType', [
  z.object({ resultType: z.literal('scalar'), result: sample }),
  z.object({
    resultType: z.literal('vector'),
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: sample })),
  }),
]);

/** One entry for each series, as a rule would see them. The server gives up at `timeoutMs`. @throws TargetError. */
export async function queryAlert(
  base: string,
  expression: string,
  context: ProbeContext,
): Promise<readonly Series[]> {
  const timeout = `${Math.ceil(context.timeoutMs)}ms`;
  const parameters = new URLSearchParams({ query: expression, timeout });
  const data = await askPrometheus(base, `/api/v1/query?${parameters.toString()}`, vector, context);
  // A rule may be a scalar: it fires once, without labels.
  if (data.resultType === 'scalar') return [{ labels: {}, value: Number(data.result[1]) }];
  return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
}

const rules = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          type: z.string(),
          name: z.string(),
          query: z.string(),
          labels: z.record(z.string(), z.string()).default({}),
        }),
      ),
    }),
  ),
});

/** Alerting rules of exactly this name. @throws TargetError. */
export async function rulesNamed(
  base: string,
  alertname: string,
  context: ProbeContext,
): Promise<readonly AlertRule[]> {
  // Older servers don't know `rule_name[]` and send every rule.
  const parameters = new URLSearchParams({ type: 'alert', 'rule_name[]': alertname });
  const { groups } = await askPrometheus(base, `/api/v1/rules?${parameters.toString()}`, rules, context);
  return groups
    .flatMap((group) => group.rules)
    .filter(
      ({ type, name, query }) =>
        type === 'alerting' && name === alertname && query.length <= LONGEST_EXPRESSION,
    )
    .map(({ query, labels }) => ({ expression: query, labels }));
}
