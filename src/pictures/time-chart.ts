/** A metric over time, as echarts is told to draw it. */
import type { EChartsCoreOption } from 'echarts/core';
import { MOST_SERIES, type TimeChart } from '../domain/chart.ts';
import { oneLine } from '../domain/text.ts';
import { ALARM, COLOURS, clock, day, FAINT, FONT, GRID, INK, titleOf, words } from './look.ts';
import { sayValue } from './say-value.ts';

const HEIGHT = 400;
const LEGEND_ROW = 16;
const NAME = 90;
/** About seven labels fit. */
const LABELS = 6;
const STEPS = 6;
/** The lowest value, as a part of the highest, up to which the axis begins at zero. */
const NEAR_ZERO = 0.7;

/** One series needs no legend: the title says what it is. */
const legendHeight = (rows: number): number => (rows < 2 ? 0 : rows * LEGEND_ROW + 8);

export const timeHeight = (chart: TimeChart): number => HEIGHT + legendHeight(drawn(chart).length);

/** Those with any value. */
const drawn = (chart: TimeChart): TimeChart['series'] =>
  chart.series.filter(({ points }) => points.some(([, value]) => value !== null)).slice(0, MOST_SERIES);

export function timeOption(chart: TimeChart): EChartsCoreOption {
  const { from, to, unit, threshold } = chart;
  const series = drawn(chart);
  const names = series.map(({ name }, i) => unique(oneLine(name, NAME) || 'value', i, series));
  const isEmpty = series.length === 0;
  const below = `${day(from)} ${clock(from)} to ${clock(to)} UTC${chart.left > 0 ? ` · ${chart.left} more series are not drawn` : ''}`;
  return {
    title: titleOf(oneLine(chart.title, 80), below),
    animation: false,
    backgroundColor: '#ffffff',
    color: [...COLOURS],
    textStyle: { fontFamily: FONT },
    grid: {
      ...{ left: 20, right: 28, top: 80, bottom: 16 + legendHeight(names.length) },
      ...{ outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    },
    ...(names.length < 2 ? {} : { legend: legend(names) }),
    xAxis: {
      type: 'time',
      min: from,
      max: to,
      splitNumber: LABELS,
      axisLine: { lineStyle: { color: FAINT } },
      axisTick: { lineStyle: { color: FAINT } },
      axisLabel: { ...words, hideOverlap: true, formatter: (at: number) => clock(at) },
    },
    yAxis: {
      type: 'value',
      ...(isEmpty ? { min: 0, max: 1, show: false } : bounds(chart)),
      splitLine: { lineStyle: { color: GRID } },
      axisLabel: { ...words, formatter: (value: number) => sayValue(value, unit) },
    },
    graphic: isEmpty ? [noData()] : [],
    series: series.map(({ points }, i) => ({
      type: 'line',
      name: names[i],
      data: points.map(([at, value]) => [at, value]),
      connectNulls: false,
      // A value with a gap on either side is a dot; without it, it would not be seen.
      showSymbol: true,
      symbol: 'circle',
      symbolSize: (_: unknown, { dataIndex }: { dataIndex: number }) => (isAlone(points, dataIndex) ? 5 : 0),
      lineStyle: { width: 2 },
      ...(series.length === 1 ? { areaStyle: { opacity: 0.1 } } : {}),
      ...(i === 0 && threshold !== null ? { markLine: line(threshold, unit) } : {}),
    })),
  };
}

/** The axis holds the threshold too, and zero where that costs little. Bytes go up in powers of two. */
function bounds({ series, threshold, unit }: TimeChart): object {
  const all = series.flatMap(({ points }) => points.flatMap(([, value]) => (value === null ? [] : [value])));
  const high = Math.max(...all, threshold ?? Number.NEGATIVE_INFINITY);
  const low = Math.min(...all, threshold ?? Number.POSITIVE_INFINITY);
  if (high === 0 && low === 0) return { min: 0, max: 1 };
  const bottom = low >= 0 && low <= high * NEAR_ZERO ? 0 : low;
  const step = niceStep((high - bottom || Math.abs(high)) / STEPS, unit === 'bytes' ? 2 : 10);
  const min = Math.floor(bottom / step) * step;
  return { min, max: Math.max(Math.ceil(high / step), Math.floor(low / step) + 1) * step, interval: step };
}

/** The next power of two, or of 1, 2, 5 times a power of ten. */
function niceStep(rough: number, base: 2 | 10): number {
  if (base === 2) return 2 ** Math.ceil(Math.log2(rough));
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((times) => times * power >= rough) ?? 10);
}

const isAlone = (points: TimeChart['series'][number]['points'], i: number): boolean =>
  (points[i - 1]?.[1] ?? null) === null && (points[i + 1]?.[1] ?? null) === null;

const line = (value: number, unit: string | null): object => ({
  silent: true,
  symbol: 'none',
  lineStyle: { color: ALARM, type: 'dashed', width: 1.5 },
  label: {
    position: 'insideEndTop',
    formatter: `threshold ${sayValue(value, unit)}`,
    color: ALARM,
    textBorderColor: '#ffffff',
    textBorderWidth: 3,
    fontFamily: FONT,
    fontSize: 12,
  },
  data: [{ yAxis: value }],
});

const legend = (names: readonly string[]): object => ({
  orient: 'vertical',
  left: 24,
  bottom: 10,
  itemWidth: 18,
  itemHeight: 3,
  itemGap: 8,
  icon: 'rect',
  data: [...names],
  textStyle: { fontFamily: FONT, fontSize: 12, color: INK },
});

const noData = (): object => ({
  type: 'text',
  left: 'center',
  top: 'middle',
  style: { text: 'no data in this hour', fontFamily: FONT, fontSize: 18, fill: FAINT },
});

/** Two series of the same name would be one to echarts. */
function unique(name: string, i: number, all: TimeChart['series']): string {
  const isTwice = all.some(
    (other, k) => k !== i && oneLine(other.name, NAME) === oneLine(all[i]?.name ?? '', NAME),
  );
  return isTwice ? `${name} (${i + 1})` : name;
}
