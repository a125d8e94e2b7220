import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Chore, keepChores, type PassEnd } from '../../../src/engine/upkeep/keep-chore.ts';

const EVERY_MS = 1000;
const WITHIN_MS = 5000;

describe('chores', () => {
  const stopping: AbortController[] = [];
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    for (const one of stopping) one.abort();
    vi.useRealTimers();
  });

  /** Starts them; how the passes of each ended, as they are counted. */
  function start(...chores: readonly Chore[]): (name: string) => readonly PassEnd[] {
    const stop = new AbortController();
    stopping.push(stop);
    const ends: { readonly chore: string; readonly end: PassEnd }[] = [];
    void keepChores(chores, {
      signal: stop.signal,
      log: pino({ level: 'silent' }),
      count: (chore, end) => ends.push({ chore, end }),
    });
    return (name) => ends.filter(({ chore }) => chore === name).map(({ end }) => end);
  }
  const chore = (name: string, run: Chore['run']): Chore => ({
    name,
    everyMs: EVERY_MS,
    withinMs: WITHIN_MS,
    run,
  });
  const good = chore('good', async () => undefined);
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

  it('go on at their pace beside one that always fails', async () => {
    const ends = start(
      chore('bad', () => Promise.reject(new Error('always'))),
      good,
    );
    await pass(10 * EVERY_MS);
    expect(ends('good').length).toBeGreaterThanOrEqual(9);
    expect(new Set(ends('good'))).toEqual(new Set(['done']));
    expect(ends('bad').length).toBeGreaterThanOrEqual(9);
    expect(new Set(ends('bad'))).toEqual(new Set(['failed']));
  });

  it('go on beside one that throws before its first await', async () => {
    const ends = start(
      chore('bad', () => {
        throw new Error('at once');
      }),
      good,
    );
    await pass(3 * EVERY_MS);
    expect(ends('good').length).toBeGreaterThanOrEqual(2);
    expect(ends('bad').length).toBeGreaterThanOrEqual(2);
  });

  it('go on beside one that never ends, which is told to stop and begun again', async () => {
    const signals: AbortSignal[] = [];
    const ends = start(
      chore('stuck', (signal) => {
        signals.push(signal);
        return new Promise(() => undefined);
      }),
      good,
    );
    await pass(2 * (WITHIN_MS + EVERY_MS) + EVERY_MS);
    expect(ends('good').length).toBeGreaterThanOrEqual(11);
    expect(ends('stuck')).toEqual(['late', 'late']);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, false]);
  });

  it('are never begun a second time while a pass is within its time', async () => {
    let [now, most] = [0, 0];
    start(
      chore('slow', async () => {
        now += 1;
        most = Math.max(most, now);
        await new Promise((resolve) => setTimeout(resolve, WITHIN_MS - 1));
        now -= 1;
      }),
    );
    await pass(10 * WITHIN_MS);
    expect(most).toBe(1);
  });

  it('leave no more than three passes hanging, and go on when those end', async () => {
    const release: (() => void)[] = [];
    let stuck = true;
    const ends = start(
      chore('stuck', () => (stuck ? new Promise((resolve) => release.push(resolve)) : Promise.resolve())),
    );
    await pass(20 * WITHIN_MS);
    expect(release).toHaveLength(3);
    expect(new Set(ends('stuck'))).toEqual(new Set(['late']));
    stuck = false;
    for (const end of release) end();
    await pass(2 * EVERY_MS);
    expect(ends('stuck').at(-1)).toBe('done');
  });

  it('rest as long as their last pass asks for', async () => {
    let passes = 0;
    start(
      chore('resting', async (_, restFor) => {
        passes += 1;
        restFor(60_000);
      }),
    );
    await pass(59_000);
    expect(passes).toBe(1);
    await pass(2000);
    expect(passes).toBe(2);
  });

  it('end when the process does, without being counted', async () => {
    const ends = start(chore('stuck', () => new Promise(() => undefined)));
    await pass(EVERY_MS);
    for (const one of stopping) one.abort();
    await pass(10 * WITHIN_MS);
    expect(ends('stuck')).toEqual([]);
  });
});
