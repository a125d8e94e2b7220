import { expect, it } from 'vitest';
import { chaos } from './chaos/chaos.ts';

/** `npm run faults chaos` is the long form, with a seed of its own each time. */
it('half a minute of kills, restarts and a failing Slack loses nothing and does nothing twice', {
  timeout: 600_000,
}, async () => {
  const lines: string[] = [];
  const result = await chaos({
    seed: 20_260_110,
    stormMs: 25_000,
    alerts: 60,
    perGroup: 3,
    approvals: 3,
    perThread: 1,
    calmMs: 180_000,
    say: (line) => lines.push(line),
  });
  expect(result.wrong, lines.join('\n')).toEqual([]);
  expect(result.accepted).toBe(60);
  expect(result.approvals).toBeGreaterThanOrEqual(3);
  expect(result.blows.get('kill') ?? 0).toBeGreaterThan(0);
});
