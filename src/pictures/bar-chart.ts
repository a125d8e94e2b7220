/** Processor and memory of containers, side by side, as echarts is told to draw them. */
import type { EChartsCoreOption } from 'echarts/core';
import { type BarChart, type BarRow, MOST_BARS } from '../domain/chart.ts';
import { saySize } from '../domain/say-facts.ts';
import { oneLine } from '../domain/text.ts';
import { COLOURS, clock, day, FONT, GRID, INK, titleOf, words } from './look.ts';

const ROW = 26;
const HEAD = 104;
const NAME = 24;

export const barHeight = ({ rows }: BarChart): number =>
  HEAD + Math.max(2, Math.min(rows.length, MOST_BARS)) * ROW + 20;

export function barOption(chart: BarChart): EChartsCoreOption {
  const rows = chart.rows.slice(0, MOST_BARS);
  const left = chart.rows.length - rows.length;
  const below = `${day(chart.at)} ${clock(chart.at)} UTC${left > 0 ? ` · ${left} more are not drawn` : ''}`;
  const names = rows.map(({ name }) => oneLine(name, NAME));
  return {
    title: [
      titleOf(oneLine(chart.title, 80), below),
      { ...panelTitle('CPU, % of one processor'), left: 190 },
      { ...panelTitle('Memory'), left: 560 },
    ],
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: FONT },
    grid: [
      { left: 190, width: 260, top: HEAD, bottom: 16 },
      { left: 560, width: 220, top: HEAD, bottom: 16 },
    ],
    xAxis: [values(0), values(1)],
    yAxis: [categories(0, names, true), categories(1, names, false)],
    series: [
      bars(
        0,
        COLOURS[0],
        rows,
        ({ cpuPercent }) => cpuPercent,
        (value) => `${value} %`,
      ),
      bars(1, COLOURS[2], rows, ({ memoryBytes }) => memoryBytes, saySize),
    ],
  };
}

const panelTitle = (text: string) => ({
  text,
  top: HEAD - 26,
  padding: 0,
  textStyle: { fontFamily: FONT, fontSize: 12, fontWeight: 'bold' as const, color: INK },
});

/** The numbers stand at the bars; an axis would say them twice. */
const values = (gridIndex: number): object => ({
  type: 'value',
  gridIndex,
  min: 0,
  axisLabel: { show: false },
  splitLine: { lineStyle: { color: GRID } },
});

const categories = (gridIndex: number, data: readonly string[], named: boolean): object => ({
  type: 'category',
  gridIndex,
  data: [...data],
  // The first row on top, as in the table.
  inverse: true,
  axisTick: { show: false },
  axisLine: { lineStyle: { color: GRID } },
  axisLabel: { ...words, color: INK, show: named, interval: 0 },
});

const bars = (
  index: number,
  color: string,
  rows: readonly BarRow[],
  read: (row: BarRow) => number,
  say: (value: number) => string,
): object => ({
  type: 'bar',
  xAxisIndex: index,
  yAxisIndex: index,
  data: rows.map(read),
  barMaxWidth: 14,
  itemStyle: { color },
  label: {
    show: true,
    position: 'right',
    fontFamily: FONT,
    fontSize: 12,
    color: INK,
    formatter: ({ value }: { value: number }) => say(value),
  },
});
