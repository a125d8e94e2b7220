import { describe, expect, it } from 'vitest';
import { judge, markOf, type Objective, sayFigure } from '../../src/domain/objective.ts';

const availability: Objective = {
  name: 'API availability',
  objective: '99.9 %',
  service: 'api',
  query: 'q',
  target: 99.9,
  better: 'higher',
  unit: '%',
  window: '30d',
};
const latency: Objective = {
  ...availability,
  objective: 'p95 < 300 ms',
  target: 300,
  better: 'lower',
  unit: 'ms',
  window: '1h',
};
const failures: Objective = {
  ...availability,
  objective: 'at most 5 %',
  target: 5,
  better: 'lower',
  window: '5m',
};
const figure = (objective: Objective, value: number | null, reason: string | null = null) =>
  judge(objective, 'objective', { value, reason });

describe('an objective', () => {
  it.each([
    [availability, 99.95, '✓', '99.95 % (objective 99.9 %; error budget left 50 % of 30d)'],
    [availability, 99.9, '✓', '99.9 % (objective 99.9 %; error budget left 0 % of 30d)'],
    [availability, 99.8, '✗', '99.8 % (objective 99.9 %; error budget overdrawn: 200 % used of 30d)'],
    [latency, 120.25, '✓', '120.25 ms over 1h (objective p95 < 300 ms)'],
    [latency, 301, '✗', '301 ms over 1h (objective p95 < 300 ms)'],
    [failures, 1, '✓', '1 % (objective at most 5 %; error budget left 80 % of 5m)'],
    [failures, 6, '✗', '6 % (objective at most 5 %; error budget overdrawn: 120 % used of 5m)'],
  ])('$name at %s', (objective, value, mark, says) => {
    const found = figure(objective, value);
    expect([markOf(found), sayFigure(found)]).toEqual([mark, says]);
  });

  it('without data is neither good nor bad, and says why', () => {
    const found = figure(availability, null, 'no data: the query finds nothing');
    expect(found).toMatchObject({ good: null, budgetLeft: null });
    expect(markOf(found)).toBe('?');
    expect(sayFigure(found)).toBe('no data: the query finds nothing · objective 99.9 %');
  });

  it('without a bound is only shown', () => {
    const version = judge({ ...latency, objective: '', target: null, unit: '', window: null }, 'watch', {
      value: 7,
      reason: null,
    });
    expect([markOf(version), sayFigure(version), version.budgetLeft]).toEqual(['·', '7', null]);
  });

  it('of 100 % has no budget', () => {
    expect(figure({ ...availability, target: 100 }, 99)).toMatchObject({ good: false, budgetLeft: null });
  });
});
