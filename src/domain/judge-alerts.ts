/** Is what an incident's alerts say gone? The one rule behind `mitigated`, for the engine and for played tests. */
import type { IncidentState } from './lives.ts';
import type { Condition } from './runbook.ts';

/** What an alert's own expression says now, by the Prometheus of its system. */
export type ExpressionReading =
  /** `HighErrorRate (service moalog-server): 28.6, limit 5` */
  | { readonly kind: 'true'; readonly says: string }
  | { readonly kind: 'gone'; readonly says: string }
  | { readonly kind: 'unread'; readonly why: string };

/** What the runbook's condition says. */
export interface ConditionReading {
  /** Null: the target could not be read. */
  readonly holds: boolean | null;
  readonly says: string;
  /** Its target was asked and is down. */
  readonly isDown: boolean;
}

/** Whether its absence says that the alert is over; one that only shows that an option fits doesn't. */
export const mitigates = (condition: Condition | null): condition is Condition =>
  condition !== null && condition.mitigates !== false;

export interface AlertsVerdict {
  readonly verdict: 'still' | 'gone' | 'unknown';
  /** For people; of `unknown` why, of the others what was read. */
  readonly says: string;
  /** Prometheus was asked: one reading is not enough, since its figures lag behind. */
  readonly twice: boolean;
}

/**
 * An expression that is read and still true forbids it, whatever the condition says; so does a condition that holds, or
 * whose target is down (a dead exporter has no figures either). Where an expression can't be read the condition decides,
 * and where there is neither nobody knows.
 */
export function judgeAlerts(
  expressions: readonly ExpressionReading[],
  condition: ConditionReading | null,
): AlertsVerdict {
  const still = expressions.flatMap((one) => (one.kind === 'true' ? [one.says] : []));
  if (condition?.holds === true) still.push(condition.says);
  if (still.length > 0) return { verdict: 'still', says: still.join('; '), twice: false };
  const unread = expressions.flatMap((one) => (one.kind === 'unread' ? [one.why] : []));
  const gone = expressions.flatMap((one) => (one.kind === 'gone' ? [one.says] : []));
  const decides = condition?.holds === false;
  const isWhole = gone.length > 0 && unread.length === 0;
  if (condition?.holds === null && (condition.isDown || !isWhole))
    return { verdict: 'unknown', says: condition.says, twice: false };
  if (!decides && !isWhole) return { verdict: 'unknown', says: unread.join('; '), twice: false };
  const says = [...(decides ? [condition.says] : []), ...gone].join('; ');
  return { verdict: 'gone', says, twice: gone.length > 0 };
}

/**
 * What a reading does to an incident; null: nothing. `goneForMs`: since when every reading said `gone`, 0 at the first;
 * `acted`: something was done about it, which alone can mitigate.
 */
export function moveAfter(
  state: IncidentState,
  { verdict, twice }: AlertsVerdict,
  {
    goneForMs,
    everyMs,
    acted,
  }: { readonly goneForMs: number; readonly everyMs: number; readonly acted: boolean },
): 'mitigated' | 'firing' | null {
  switch (state) {
    case 'mitigated':
      return verdict === 'still' ? 'firing' : null;
    case 'firing':
    case 'acknowledged':
      // Half an interval apart is another reading, whatever woke it.
      return acted && verdict === 'gone' && (!twice || goneForMs * 2 >= everyMs) ? 'mitigated' : null;
    case 'resolved':
      return null;
    default:
      return state satisfies never;
  }
}
