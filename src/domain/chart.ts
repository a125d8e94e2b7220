/** What a picture shows, as plain data: `pictures/` draws it. Times are milliseconds since 1970. */

/** One line: values at times, in order; null where nothing was measured, so that a gap stays a gap. */
export interface ChartSeries {
  readonly name: string;
  readonly points: readonly (readonly [at: number, value: number | null])[];
}

/** Series over time, their times in UTC. No series: "no data" is drawn. */
export interface TimeChart {
  readonly kind: 'time';
  readonly title: string;
  /** `bytes`, `percent`, `seconds`, or any short text behind the number; null: a bare number. */
  readonly unit: string | null;
  /** A line across the chart; null: none. */
  readonly threshold: number | null;
  readonly from: number;
  readonly to: number;
  readonly series: readonly ChartSeries[];
  /** How many more series there are than are drawn. */
  readonly left: number;
}

export interface BarRow {
  readonly name: string;
  /** Of one processor: eight busy ones are 800. */
  readonly cpuPercent: number;
  readonly memoryBytes: number;
}

/** Processor and memory of containers, as horizontal bars side by side. */
export interface BarChart {
  readonly kind: 'bars';
  readonly title: string;
  readonly at: number;
  readonly rows: readonly BarRow[];
}

export type Chart = TimeChart | BarChart;

/** Most series and rows that can be told apart in one picture. */
export const MOST_SERIES = 8;
export const MOST_BARS = 24;
/** Most points of a series: one for each 30 seconds of an hour. */
export const MOST_POINTS = 120;
