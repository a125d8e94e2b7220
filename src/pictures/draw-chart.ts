/** A chart → the bytes of a PNG. Takes tens of milliseconds of the thread it runs in: see open-drawing.ts. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import { BarChart as Bars, LineChart } from 'echarts/charts';
import {
  GraphicComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TitleComponent,
} from 'echarts/components';
import { init, setPlatformAPI, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Chart } from '../domain/chart.ts';
import { barHeight, barOption } from './bar-chart.ts';
import { FONT, WIDTH } from './look.ts';
import { timeHeight, timeOption } from './time-chart.ts';

/** Slack shows a picture at most about 360 points wide in a thread, and whole on a click: 1.5 stays sharp. */
const WAYS = [
  { zoom: 1.5, shapeRendering: 2 },
  { zoom: 1, shapeRendering: 2 },
  // Without soft edges, which noise has a great many of.
  { zoom: 1, shapeRendering: 0 },
  { zoom: 0.6, shapeRendering: 0 },
] as const;
/** A picture should not be slow on a phone at night. */
export const MOST_BYTES = 200 * 1024;

use([
  ...[LineChart, Bars, SVGRenderer],
  ...[GraphicComponent, GridComponent, LegendComponent, MarkLineComponent, TitleComponent],
]);

// The fonts of the machine would make each machine's pictures differ, and a container has none.
const FONTS = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');
const fontFiles = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((name) => join(FONTS, name));

/** Of DejaVu Sans's letters, as a part of the size: a little more than the mean, so that nothing runs into its neighbour. */
const LETTER = 0.62;
setPlatformAPI({
  measureText(text, font) {
    const size = Number(/(\d+(?:\.\d+)?)px/u.exec(font ?? '')?.[1] ?? 12);
    return { width: text.length * size * LETTER };
  },
});

/** At most 200 KiB. @throws when the chart can't be drawn. */
export function drawChart(chart: Chart): Buffer {
  const svg = drawSvg(chart);
  for (const { zoom, shapeRendering } of WAYS) {
    const png = new Resvg(svg, {
      font: { loadSystemFonts: false, fontFiles, defaultFontFamily: FONT, sansSerifFamily: FONT },
      fitTo: { mode: 'zoom', value: zoom },
      shapeRendering,
    })
      .render()
      .asPng();
    if (png.length <= MOST_BYTES) return png;
  }
  throw new Error('the picture is too large');
}

function drawSvg(chart: Chart): string {
  const height = chart.kind === 'time' ? timeHeight(chart) : barHeight(chart);
  const drawing = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  try {
    drawing.setOption(chart.kind === 'time' ? timeOption(chart) : barOption(chart));
    return drawing.renderToSVGString();
  } finally {
    // Else its timers keep the thread alive.
    drawing.dispose();
  }
}
