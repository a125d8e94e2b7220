import { describe, expect, it } from 'vitest';
import type { BarChart, TimeChart } from '../../src/domain/chart.ts';
import { drawChart, MOST_BYTES } from '../../src/pictures/draw-chart.ts';
import { timeOption } from '../../src/pictures/time-chart.ts';

const to = Date.UTC(2026, 0, 10, 3, 12);
const from = to - 3_600_000;
type Value = (i: number) => number | null;
const points = (value: Value) =>
  Array.from({ length: 121 }, (_, i) => [from + i * 30_000, value(i)] as const);
const chart = (change: Partial<TimeChart> = {}): TimeChart => ({
  ...{ kind: 'time', title: 'Redis: memory in use', unit: 'percent', threshold: 80, from, to, left: 0 },
  series: [{ name: 'redis', points: points((i) => 30 + i / 2) }],
  ...change,
});

/** Width and height, from the PNG's own header. */
function sizeOf(png: Buffer): { readonly width: number; readonly height: number } {
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
}

describe('a metric over the last hour', () => {
  it('is a PNG that a phone can load', () => {
    const png = drawChart(chart());
    expect(sizeOf(png)).toEqual({ width: 1320, height: 600 });
    expect(png.length).toBeGreaterThan(10_000);
    expect(png.length).toBeLessThan(MOST_BYTES);
  });

  it('differs with what it shows: the line, the gap, the threshold, the words', () => {
    const whole = drawChart(chart());
    const gap = chart({
      series: [{ name: 'redis', points: points((i) => (i > 40 && i < 60 ? null : 30 + i / 2)) }],
    });
    for (const other of [gap, chart({ threshold: null }), chart({ title: 'Memory' }), chart({ unit: null })])
      expect(drawChart(other).equals(whole)).toBe(false);
    expect(drawChart(chart()).equals(whole)).toBe(true);
  });

  it('of many series, noisy ones, with hostile names, stays within its bytes', () => {
    const series = Array.from({ length: 8 }, (_, k) => ({
      name: `{route="</text><script>${k}", job="\u202e${'x'.repeat(400)}"}`,
      points: points((i) => Math.sin(i * 12.9898 + k) * 43_758),
    }));
    const png = drawChart(chart({ series, unit: 'bytes', left: 3, title: '<b>&amp;"\u0000' }));
    expect(sizeOf(png).width).toBeGreaterThanOrEqual(528);
    expect(png.length).toBeLessThan(MOST_BYTES);
  });

  it('says that there is no data where there is none', () => {
    const empty = drawChart(chart({ series: [] }));
    const allNull = drawChart(chart({ series: [{ name: 'redis', points: points(() => null) }] }));
    expect(allNull.equals(empty)).toBe(true);
    expect(JSON.stringify(timeOption(chart({ series: [] })))).toContain('no data in this hour');
    expect(JSON.stringify(timeOption(chart()))).not.toContain('no data');
  });

  it.each<[string, Value]>([
    ['zero all the time', () => 0],
    ['one value that never changes', () => 5e9],
    ['below zero', (i) => i - 60],
    ['far from zero', (i) => 1e6 + i],
    ['very small', (i) => i * 1e-9],
    ['very large', (i) => i * 1e300],
    ['a single value', (i) => (i === 60 ? 42 : null)],
  ])('draws %s', (_, value) => {
    for (const threshold of [null, 80])
      expect(() =>
        drawChart(chart({ threshold, series: [{ name: 'a', points: points(value) }] })),
      ).not.toThrow();
  });

  it('keeps the threshold in sight, above everything and below it', () => {
    for (const threshold of [-20, 50, 500]) {
      const { yAxis } = timeOption(chart({ threshold })) as { yAxis: { min: number; max: number } };
      expect(yAxis.min).toBeLessThanOrEqual(threshold);
      expect(yAxis.max).toBeGreaterThanOrEqual(threshold);
    }
  });
});

describe('the containers of a system', () => {
  const rows = (n: number): BarChart['rows'] =>
    Array.from({ length: n }, (_, i) => ({
      name: `service-${i}`,
      cpuPercent: i * 7.5,
      memoryBytes: i * 50_000_000,
    }));
  const bars = (n: number): BarChart => ({
    kind: 'bars',
    title: 'Containers of moalog',
    at: to,
    rows: rows(n),
  });

  it('are one bar each, and the picture grows with them', () => {
    const [few, many] = [sizeOf(drawChart(bars(2))), sizeOf(drawChart(bars(12)))];
    expect(few.width).toBe(1320);
    expect(many.height).toBeGreaterThan(few.height);
  });

  it('stay one picture, however many they are', () => {
    const png = drawChart(bars(300));
    expect(png.length).toBeLessThan(MOST_BYTES);
    expect(sizeOf(png).height).toBeLessThan(1300);
    expect(() => drawChart(bars(0))).not.toThrow();
  });
});
