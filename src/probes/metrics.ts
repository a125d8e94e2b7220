/** Figures that a service gives of itself on its page of metrics, read as they are now. */
import { z } from 'zod';
import { askHttp } from '../clients/http.ts';
import { checkStatus, under } from '../clients/http-json.ts';
import { wrongAnswer } from '../clients/target-error.ts';
import { type Figure, hasFigures, parseFigures } from '../domain/metrics-text.ts';
import { oneLine } from '../domain/text.ts';
import { addressOf, degraded, probeKind, up } from './probe-kind.ts';

const MAX_BODY_BYTES = 2_097_152;
const MOST_SHOWN = 50;
const name = z
  .string()
  .max(200)
  .regex(/^[a-zA-Z_:][\w:]*\*?$/u, 'the name of a metric, or its beginning and *');

const settings = z.strictObject({
  path: z.string().startsWith('/').max(2000).default('/metrics'),
  /** All are shown; the first one's figure is the value. `tls_*`: all that begin so. */
  names: z.array(name).min(1).max(20),
  /** Only series with these labels. */
  labels: z.record(z.string(), z.string()).default({}),
  /** What several series of the first name come to. */
  of: z.enum(['sum', 'max', 'min']).default('sum'),
});
type MetricsSettings = z.output<typeof settings>;

export const metrics = probeKind<MetricsSettings>({
  name: 'metrics',
  settings,
  needs: { schemes: ['http', 'https'] },
  facts: { value: { type: 'number' }, series: { type: 'number' } },
  async probe(target, { path, names, labels, of }, { signal, timeoutMs }) {
    const url = under(addressOf(target), path);
    const answer = await askHttp(url, { signal, timeoutMs, maxBytes: MAX_BODY_BYTES });
    checkStatus(answer.status);
    const page = answer.body.toString('utf8');
    const isWanted = (figure: string): boolean => names.some((one) => fits(one, figure));
    const figures = parseFigures(page, isWanted).filter((figure) =>
      Object.entries(labels).every(([label, value]) => figure.labels[label] === value),
    );
    const missing = names.filter((one) => !figures.some((figure) => fits(one, figure.name)));
    if (missing.length === names.length && !hasFigures(page)) throw wrongAnswer(page);
    if (missing.length === names.length)
      return {
        state: 'unknown',
        reason: `no data: ${path} has no ${missing.join(', ')}`,
        facts: { series: 0 },
      };
    const first = figures.filter((figure) => fits(names[0] ?? '', figure.name)).map(({ value }) => value);
    const facts = { value: combine(first, of), series: figures.length };
    const output = figures.slice(0, MOST_SHOWN).map(say).join('\n');
    if (missing.length > 0) return degraded(`${path} has no ${missing.join(', ')}`, facts, output);
    return up(facts, output);
  },
});

const fits = (wanted: string, figure: string): boolean =>
  wanted.endsWith('*') ? figure.startsWith(wanted.slice(0, -1)) : figure === wanted;

/** Null: there is no number. */
function combine(values: readonly number[], of: MetricsSettings['of']): number | null {
  if (values.length === 0) return null;
  const value = of === 'sum' ? values.reduce((a, b) => a + b, 0) : Math[of](...values);
  return Number.isFinite(value) ? value : null;
}

function say({ name: metric, labels, value }: Figure): string {
  const inside = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
  return oneLine(`${metric}${inside.length === 0 ? '' : `{${inside.join(', ')}}`} ${value}`, 200);
}
