import { expect, it } from 'vitest';
import { drawSamples } from './soak/graph.ts';
import { risePerMinute } from './soak/samples.ts';
import { soak } from './soak/soak.ts';

/** `npm run faults soak` takes ten minutes and judges the slopes; here only what twenty seconds can say. */
it('after some steady work the bot holds as many file descriptors as before', {
  timeout: 300_000,
}, async () => {
  const { samples, descriptors } = await soak({ durationMs: 20_000, everyMs: 1000, say: () => undefined });
  expect(samples.length).toBeGreaterThan(5);
  expect(descriptors.after).toBeLessThanOrEqual(descriptors.before + 6);
  expect(samples.at(-1)?.incidents).toBeGreaterThan(1);
  expect(drawSamples(samples)).toMatch(/^<svg[\s\S]*<path/u);
});

it('a line through what grows has the slope of its growth', () => {
  expect(
    risePerMinute([
      [0, 5],
      [30, 6],
      [60, 7],
    ]),
  ).toBeCloseTo(2);
  expect(
    risePerMinute([
      [0, 5],
      [30, 5],
      [60, 5],
    ]),
  ).toBe(0);
  expect(risePerMinute([[0, 5]])).toBe(0);
});
