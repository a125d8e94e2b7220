import { describe, expect, it } from 'vitest';
import { sayAvailability, sayFor, sayShare, uptimeStrip } from '../../src/domain/health-history.ts';

const now = new Date('2026-03-01T12:21:00Z');
const minutesAgo = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000);

describe('the strip of 24 hours', () => {
  it('has the oldest hour first and the last one now', () => {
    const strip = uptimeStrip([
      { ago: 0, worst: 'down' },
      { ago: 1, worst: 'up' },
      { ago: 23, worst: 'degraded' },
    ]);
    expect([...strip]).toHaveLength(24);
    expect(strip).toBe(`🟨${'⬜'.repeat(21)}🟩🟥`);
  });

  it('is white where nobody looked', () => {
    expect(uptimeStrip([])).toBe('⬜'.repeat(24));
  });
});

describe('availability', () => {
  it('is never 100 % when a part is missing', () => {
    expect(sayShare(1)).toBe('100 %');
    expect(sayShare(0.999_999_9)).toBe('99.999 %');
    expect(sayShare(0)).toBe('0 %');
    expect(sayShare(null)).toBeNull();
  });

  it('says over how long it was watched', () => {
    const history = { hours: [], day: 0.99, month: 0.999 };
    expect(sayAvailability({ ...history, from: minutesAgo(30 * 24 * 60) }, now)).toBe(
      'available 99 % of the last 24 hours, 99.9 % of the last 30 days',
    );
    expect(sayAvailability({ ...history, from: minutesAgo(3 * 24 * 60) }, now)).toBe(
      'available 99 % of the last 24 hours, 99.9 % of the last 3 days',
    );
    expect(sayAvailability({ ...history, day: 0.5, month: 0.5, from: minutesAgo(90) }, now)).toBe(
      'available 50 % of the 1 h 30 min watched so far',
    );
    expect(sayAvailability({ hours: [], day: null, month: null, from: null }, now)).toBeNull();
  });
});

it.each([
  [minutesAgo(17), '17 min'],
  [minutesAgo(61), '1 h 1 min'],
  [minutesAgo(0.5), '30 s'],
  [minutesAgo(60 * 24 * 3), '3 days'],
  [now, null],
  [minutesAgo(-5), null],
])('since %s is said as %s', (since, says) => {
  expect(sayFor(since, now)).toBe(says);
});
