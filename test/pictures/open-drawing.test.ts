import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterEach, expect, it } from 'vitest';
import type { TimeChart } from '../../src/domain/chart.ts';
import { type Drawing, openDrawing } from '../../src/pictures/open-drawing.ts';

const chart: TimeChart = {
  ...{ kind: 'time', title: 'Memory', unit: 'bytes', threshold: null, from: 0, to: 3_600_000, left: 0 },
  series: [{ name: 'a', points: Array.from({ length: 120 }, (_, i) => [i * 30_000, i * 1000] as const) }],
};
// Two series whose points are no points: what echarts makes of them is its own affair.
const broken = { ...chart, series: null } as unknown as TimeChart;

let drawing: Drawing;
afterEach(() => drawing.close());

it('draws many at once without keeping the event loop from anything else', async () => {
  drawing = openDrawing();
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const pictures = await Promise.all(Array.from({ length: 10 }, () => drawing.draw(chart)));
  delay.disable();
  expect(pictures.every((picture) => 'png' in picture && picture.png.length > 5000)).toBe(true);
  // Each drawing takes longer than this: done here, most turns would wait for one.
  expect(delay.percentile(50) / 1e6).toBeLessThan(40);
});

it('gives the reason when a chart can’t be drawn, and draws the next one', async () => {
  drawing = openDrawing();
  expect(await drawing.draw(broken)).toMatchObject({ why: expect.stringMatching(/./u) });
  expect(await drawing.draw(chart)).toMatchObject({ png: expect.any(Uint8Array) });
});

it('ends a drawing that takes too long, with its thread, and starts another for the next', async () => {
  drawing = openDrawing(60_000, 1);
  expect(await drawing.draw(chart)).toEqual({ why: 'not drawn within 1 ms' });
  await drawing.close();
  drawing = openDrawing();
  expect(await drawing.draw(chart)).toHaveProperty('png');
});

it('lets its thread go when nothing has been drawn for a while, and starts again', async () => {
  drawing = openDrawing(1);
  expect(await drawing.draw(chart)).toHaveProperty('png');
  expect(await drawing.draw(chart)).toHaveProperty('png');
});

it('answers what was under way when it is closed', async () => {
  drawing = openDrawing();
  const under = drawing.draw(chart);
  await drawing.close();
  expect(await under).toHaveProperty('why');
  expect(await drawing.draw(chart)).toEqual({ why: 'the bot is stopping' });
});
