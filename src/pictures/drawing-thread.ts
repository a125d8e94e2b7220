/** The thread that draws: one chart in, one PNG or the reason why there is none out. */
import { parentPort } from 'node:worker_threads';
import { drawChart } from './draw-chart.ts';
import type { Asked, Drawn } from './open-drawing.ts';

parentPort?.on('message', ({ id, chart }: Asked) => {
  const answer = ((): Drawn => {
    try {
      return { id, png: new Uint8Array(drawChart(chart)) };
    } catch (error) {
      return { id, why: error instanceof Error ? error.message : String(error) };
    }
  })();
  parentPort?.postMessage(answer);
});
