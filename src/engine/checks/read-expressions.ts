/** Reads what an incident's alerts say from the Prometheus of its system, and from no other: an address can be forged. */
import {
  type AlertRule,
  expressionOf,
  isRuleOf,
  isSeriesOf,
  type Labels,
  type Series,
} from '../../domain/alert-expression.ts';
import type { ExpressionReading } from '../../domain/judge-alerts.ts';
import { oneLine } from '../../domain/text.ts';
import type { FiringAlert } from '../../journal/readings.ts';
import type { Engine } from '../core/engine.ts';
import { prometheusOf } from '../core/prometheus-of.ts';

/** Milliseconds of one question, which the server is told too. */
const ASK_MS = 5000;
/** Different expressions of one incident: an incident is one alert, or a few that belong together. */
const MOST_EXPRESSIONS = 10;
/** Rules of one name. */
const MOST_RULES = 10;
const SHOWN = 3;

type Asks = Pick<Engine, 'catalog' | 'settings' | 'signal' | 'redact' | 'prometheus'>;

export interface IncidentAlerts {
  readonly system: string | null;
  readonly alerts: readonly FiringAlert[];
  /** Not all are known: any series may be one of theirs. */
  readonly isCut: boolean;
  /** A Prometheus said before that one of them is true. */
  readonly seen: boolean;
}

/** What is asked once: alerts of one expression, or of one name without an expression. */
interface Source {
  readonly alertname: string;
  readonly expression: string | null;
  readonly labels: Labels[];
}

/** One reading for each expression, all at once; empty: there are no alerts. Never throws. */
export async function readExpressions(
  engine: Asks,
  incident: IncidentAlerts,
): Promise<readonly ExpressionReading[]> {
  const sources = sourcesOf(incident.alerts);
  const asked = sources.slice(0, MOST_EXPRESSIONS);
  const readings = await Promise.all(asked.map((source) => readSource(engine, incident, source)));
  if (sources.length === asked.length) return readings;
  return [...readings, { kind: 'unread', why: `its alerts have more than ${MOST_EXPRESSIONS} expressions` }];
}

function sourcesOf(alerts: readonly FiringAlert[]): readonly Source[] {
  const sources = new Map<string, Source>();
  for (const { labels, generatorUrl } of alerts) {
    const expression = expressionOf(generatorUrl);
    const alertname = labels.alertname ?? '';
    const key = JSON.stringify([alertname, expression]);
    const source = sources.get(key) ?? { alertname, expression, labels: [] };
    source.labels.push(labels);
    sources.set(key, source);
  }
  return [...sources.values()];
}

/** The system's own Prometheus answers; the bot's where that can't, and then its silence alone proves nothing. */
async function readSource(
  engine: Asks,
  incident: IncidentAlerts,
  source: Source,
): Promise<ExpressionReading> {
  const name = oneLine(source.alertname, 80);
  let why = 'no Prometheus is configured (PROMETHEUS_URL)';
  for (const [i, address] of prometheusOf(engine, incident.system).entries()) {
    try {
      const knows = i === 0 || incident.seen || (await findRules(engine, address, source)).length > 0;
      const reading = await readAt(engine, address, incident, source);
      if (reading.kind !== 'gone' || knows) return reading;
      why = 'the Prometheus of PROMETHEUS_URL has no such rule';
    } catch (error) {
      why = `Prometheus can’t be asked: ${engine.redact(oneLine(error instanceof Error ? error.message : String(error)))}`;
    }
  }
  return { kind: 'unread', why: `${name}: ${why}` };
}

async function readAt(
  engine: Asks,
  address: string,
  incident: IncidentAlerts,
  source: Source,
): Promise<ExpressionReading> {
  const name = oneLine(source.alertname, 80);
  const expressions =
    source.expression === null
      ? (await findRules(engine, address, source)).map(({ expression }) => expression)
      : [source.expression];
  if (expressions.length === 0)
    return {
      kind: 'unread',
      why: `${name}: the alert names no expression, and Prometheus has no rule of its name`,
    };
  const answers = await Promise.all(
    [...new Set(expressions)].map((expression) =>
      ask(engine, (context) => engine.prometheus?.series(address, expression, context)),
    ),
  );
  return judgeSeries(name, answers.flat(), incident.isCut ? null : source.labels);
}

/** `alerts`: null, any series counts. */
function judgeSeries(
  name: string,
  series: readonly Series[],
  alerts: readonly Labels[] | null,
): ExpressionReading {
  const fits = series.map(({ labels }) => alerts?.map((alert) => isSeriesOf(labels, alert)) ?? ['yes']);
  const own = series.filter((_, i) => fits[i]?.includes('yes'));
  if (own.length > 0) return { kind: 'true', says: sayTrue(name, own) };
  const unclear = series.filter((_, i) => fits[i]?.includes('unclear'));
  if (unclear.length > 0)
    return {
      kind: 'unread',
      why: `${sayTrue(name, unclear)}, with labels that the alert has not: it may be another`,
    };
  return { kind: 'gone', says: `${name} is no longer true in Prometheus` };
}

function sayTrue(name: string, series: readonly Series[]): string {
  const shown = series.slice(0, SHOWN).map(({ labels, value }) => {
    const own = Object.entries(labels).filter(([label]) => label !== '__name__' && label !== 'system');
    const of = own.slice(0, SHOWN).map(([label, text]) => `${oneLine(label, 40)} ${oneLine(text, 60)}`);
    return `${sayNumber(value)}${of.length === 0 ? '' : ` (${of.join(', ')})`}`;
  });
  const more = series.length > shown.length ? ` and ${series.length - shown.length} more` : '';
  return `${name} is ${shown.join(', ')}${more} in Prometheus`;
}

const sayNumber = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value);

async function findRules(
  engine: Asks,
  address: string,
  { alertname, labels }: Source,
): Promise<readonly AlertRule[]> {
  if (alertname === '') return [];
  const rules = await ask(engine, (context) => engine.prometheus?.rules(address, alertname, context));
  return rules.filter((rule) => labels.some((alert) => isRuleOf(rule, alert))).slice(0, MOST_RULES);
}

/** @throws when it is not answered in time. */
async function ask<T>(
  engine: Asks,
  question: (context: { readonly signal: AbortSignal; readonly timeoutMs: number }) => Promise<T> | undefined,
): Promise<T> {
  const signal = AbortSignal.any([engine.signal, AbortSignal.timeout(ASK_MS)]);
  const answer = await question({ signal, timeoutMs: ASK_MS });
  if (answer === undefined) throw new Error('this process asks no Prometheus');
  return answer;
}
