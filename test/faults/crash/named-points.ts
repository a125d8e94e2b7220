/** The crash points that have a name of their own, found among those of a story. */
import type { Point } from './run-point.ts';

interface Named {
  readonly name: string;
  readonly label: RegExp;
  readonly when: Point['when'];
  readonly number?: number;
}

export const NAMED: readonly Named[] = [
  {
    name: 'the webhook is read, nothing is journalled',
    label: /^sql .*take_new_alerts/u,
    when: 'before',
  },
  {
    name: 'an alert is journalled, no job is queued',
    label: /^sql commit after: select nextval/u,
    when: 'after',
  },
  {
    name: 'a job is queued, the webhook is not answered',
    label: /^answer POST \/alertmanager/u,
    when: 'before',
  },
  {
    name: 'Slack took the root message, its ts is not stored',
    label: /^slack chat\.postMessage/u,
    when: 'after',
  },
  {
    name: 'Slack took a thread message, its ts is not stored',
    label: /^slack chat\.postMessage/u,
    when: 'after',
    number: 3,
  },
  {
    name: 'Approve is clicked, the decision is not journalled',
    label: /^sql insert into decisions/u,
    when: 'before',
  },
  {
    name: 'the decision is journalled, the step is not queued',
    label: /^sql commit after: insert into decisions/u,
    when: 'after',
  },
  {
    name: 'the step is claimed, the action has not begun',
    label: /^sql commit after: delete from timers/u,
    when: 'after',
  },
  { name: 'the action has begun: its flush goes out', label: /^target flushdb/u, when: 'before' },
  { name: 'the target has flushed, the outcome is not journalled', label: /^target flushdb/u, when: 'after' },
  {
    name: 'the outcome is journalled, the thread does not show it',
    label: /^sql commit after: update executions set phase/u,
    when: 'after',
  },
  {
    name: 'the check was good, the incident is not closed',
    label: /^sql commit after: update alerts set status = 'resolved'/u,
    when: 'before',
  },
];

export function namedPoint(named: Named, points: readonly Point[]): Point | null {
  return (
    points.find(
      (point) =>
        named.label.test(point.label) && point.when === named.when && point.number === (named.number ?? 1),
    ) ?? null
  );
}
