import { describe, expect, it } from 'vitest';
import { pictureOfAlert } from '../../src/domain/picture.ts';

const of = (expression: string) =>
  pictureOfAlert(`http://p.invalid/graph?${new URLSearchParams({ 'g0.expr': expression })}`, 'Alert');

describe('the metric of an alert', () => {
  it.each([
    ['up', 'up', null],
    [
      'redis_memory_used_bytes / redis_memory_max_bytes > 0.9',
      'redis_memory_used_bytes / redis_memory_max_bytes',
      0.9,
    ],
    ['sum(rate(errors[5m])) by (job)>=5e-2', 'sum(rate(errors[5m])) by (job)', 0.05],
    ['up{job="a > b and c"} < 1', 'up{job="a > b and c"}', 1],
    ['delta(x[5m]) < -3', 'delta(x[5m])', -3],
    ['(a and b) > 3', '(a and b)', 3],
    // The bound is that of one side alone, or no bound.
    ['a and b > 3', 'a and b > 3', null],
    ['a > 1 or b > 3', 'a > 1 or b > 3', null],
    ['a > bool 3', 'a > bool 3', null],
    ['(a > 3)', '(a > 3)', null],
    ['a unless on (job) b > 3', 'a unless on (job) b > 3', null],
    ['a == 0', 'a == 0', null],
    ['a > b', 'a > b', null],
  ])('of %s', (expression, query, threshold) => {
    expect(of(expression)).toEqual({ query, title: 'Alert', unit: null, threshold });
  });

  it('is none where its address has none', () => {
    for (const url of ['', 'not an address', 'http://p.invalid/graph', 'http://p.invalid/graph?g0.expr=%20'])
      expect(pictureOfAlert(url, 'Alert')).toBeNull();
    expect(of('x'.repeat(4001))).toBeNull();
  });

  it('holds nothing that the journal can’t keep', () => {
    const found = pictureOfAlert('http://p.invalid/?g0.expr=up%00%01', 'A\u0000\ud800\n*b*');
    expect(found?.query).toBe('up');
    expect(found?.title).toBe('A\ufffd *b*');
  });

  it('is read in a moment, whatever is written', () => {
    const started = performance.now();
    for (const text of [
      '('.repeat(4000),
      '> '.repeat(2000),
      '"'.repeat(4000),
      `a${' '.repeat(3990)}b`,
      '\\'.repeat(4000),
    ])
      of(text);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
