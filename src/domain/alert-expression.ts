/** The expression that makes an alert true: where an alert says it, and which of its series are the alert's own. */

/** `g0.expr`, as Prometheus writes it into an alert's generatorURL (prometheus.io, "Notification template reference"). */
const EXPRESSION = 'g0.expr';
/** Characters. A longer one is not sent on: it is text from outside. */
export const LONGEST_EXPRESSION = 4000;

/** Null where the address has none, or one that is too long. Only this is taken from it: its host can be forged. */
export function expressionOf(generatorUrl: string): string | null {
  if (!URL.canParse(generatorUrl)) return null;
  const expression = new URL(generatorUrl).searchParams.get(EXPRESSION)?.trim() ?? '';
  return expression === '' || expression.length > LONGEST_EXPRESSION ? null : expression;
}

export type Labels = Readonly<Record<string, string>>;

/** One series of an expression's answer. */
export interface Series {
  readonly labels: Labels;
  readonly value: number;
}

/** An alerting rule as a Prometheus has it. */
export interface AlertRule {
  readonly expression: string;
  /** What the rule sets on its alerts, templates unfilled. */
  readonly labels: Labels;
}

/**
 * Whether a series makes this alert true: all its labels are among the alert's, its name aside. `unclear`: nothing
 * contradicts, but it has labels that the alert lost on its way, by relabelling.
 */
export function isSeriesOf(series: Labels, alert: Labels): 'yes' | 'no' | 'unclear' {
  const own = Object.entries(series).filter(([name]) => name !== '__name__');
  if (own.some(([name, value]) => Object.hasOwn(alert, name) && alert[name] !== value)) return 'no';
  return own.every(([name]) => Object.hasOwn(alert, name)) ? 'yes' : 'unclear';
}

/** Whether an alert can be of this rule: what the rule sets, the alert has. A label with a template fits anything. */
export function isRuleOf({ labels }: AlertRule, alert: Labels): boolean {
  return Object.entries(labels).every(([name, value]) => value.includes('{{') || alert[name] === value);
}
