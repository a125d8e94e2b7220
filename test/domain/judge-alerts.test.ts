import { describe, expect, test } from 'vitest';
import { isRuleOf, isSeriesOf } from '../../src/domain/alert-expression.ts';
import {
  type AlertsVerdict,
  type ConditionReading,
  type ExpressionReading,
  judgeAlerts,
  moveAfter,
} from '../../src/domain/judge-alerts.ts';

const TRUE: ExpressionReading = { kind: 'true', says: 'HighErrorRate is 28.6' };
const GONE: ExpressionReading = { kind: 'gone', says: 'HighErrorRate is no longer true' };
const UNREAD: ExpressionReading = { kind: 'unread', why: 'no Prometheus' };
const condition = (holds: boolean | null, isDown = false): ConditionReading => ({
  holds,
  says: 'memory 90 %',
  isDown,
});

test.each<[string, readonly ExpressionReading[], ConditionReading | null, AlertsVerdict['verdict'], boolean]>(
  [
    ['a true expression forbids it', [TRUE], null, 'still', false],
    ['also where the condition is gone', [TRUE, GONE], condition(false), 'still', false],
    ['so does a condition that holds', [GONE], condition(true), 'still', false],
    ['all expressions gone', [GONE, GONE], null, 'gone', true],
    ['one of them was not read', [GONE, UNREAD], null, 'unknown', false],
    ['one was not read, the condition decides', [GONE, UNREAD], condition(false), 'gone', true],
    ['none was read, the condition decides', [UNREAD], condition(false), 'gone', false],
    ['neither was read', [UNREAD], condition(null), 'unknown', false],
    ['opened by hand, without a condition', [], null, 'unknown', false],
    ['opened by hand, with one', [], condition(false), 'gone', false],
    ['the condition’s target is not configured', [GONE], condition(null), 'gone', true],
    [
      'the condition’s target is down: a dead exporter has no figures',
      [GONE],
      condition(null, true),
      'unknown',
      false,
    ],
  ],
)('%s', (_, expressions, reading, verdict, twice) => {
  expect(judgeAlerts(expressions, reading)).toMatchObject({ verdict, twice });
});

describe('what a reading does', () => {
  const gone: AlertsVerdict = { verdict: 'gone', says: '', twice: true };
  const times = { goneForMs: 30_000, everyMs: 30_000, acted: true };
  test.each([
    ['gone twice', 'firing', gone, times, 'mitigated'],
    ['gone once', 'firing', gone, { ...times, goneForMs: 0 }, null],
    [
      'gone once, by the condition alone',
      'acknowledged',
      { ...gone, twice: false },
      { ...times, goneForMs: 0 },
      'mitigated',
    ],
    ['nothing was done about it', 'firing', gone, { ...times, acted: false }, null],
    ['it is back', 'mitigated', { ...gone, verdict: 'still' }, times, 'firing'],
    ['nobody knows', 'mitigated', { ...gone, verdict: 'unknown' }, times, null],
    ['it is resolved', 'resolved', { ...gone, verdict: 'still' }, times, null],
  ] as const)('%s', (_, state, verdict, given, move) => {
    expect(moveAfter(state, verdict, given)).toBe(move);
  });
});

test('a series is an alert’s when all its labels are the alert’s', () => {
  const alert = { alertname: 'A', service: 'api', severity: 'critical' };
  expect(isSeriesOf({ __name__: 'x', service: 'api' }, alert)).toBe('yes');
  expect(isSeriesOf({}, alert)).toBe('yes');
  expect(isSeriesOf({ service: 'other' }, alert)).toBe('no');
  expect(isSeriesOf({ service: 'api', instance: 'a:1' }, alert)).toBe('unclear');
  expect(isSeriesOf({ service: 'other', instance: 'a:1' }, alert)).toBe('no');
});

test('a rule is an alert’s when the alert has what the rule sets', () => {
  const alert = { alertname: 'A', service: 'redis' };
  expect(isRuleOf({ expression: 'x', labels: { service: 'redis' } }, alert)).toBe(true);
  expect(isRuleOf({ expression: 'x', labels: { service: 'mysql' } }, alert)).toBe(false);
  expect(isRuleOf({ expression: 'x', labels: { service: '{{ $labels.name }}' } }, alert)).toBe(true);
});
