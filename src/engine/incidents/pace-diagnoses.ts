/**
 * First diagnoses begin at a bounded pace, the alerts themselves are told at once: Slack shows a message a second in a
 * channel anyway, and what is diagnosed faster than that only keeps further alerts waiting.
 */
import { setTimeout as sleep } from 'node:timers/promises';

const PER_SECOND = 5;
const BURST = 10;
/** The alert is told first: this is about how long that takes. */
const AFTER_MS = 50;
/** So many are remembered; the journal knows the others. */
const REMEMBERED = 1000;

export interface DiagnosisPace {
  /** Those that wait already are not added again. */
  add(ids: readonly number[]): void;
}

/** `start` is called for one after the other, in the order in which they came, until `signal` aborts. */
export function paceDiagnoses(start: (id: number) => Promise<void>, signal: AbortSignal): DiagnosisPace {
  const waiting = new Set<number>();
  let busy = false;
  let tokens = BURST;
  let at = performance.now();

  function msUntilNext(): number {
    const now = performance.now();
    tokens = Math.min(BURST, tokens + ((now - at) / 1000) * PER_SECOND);
    at = now;
    if (tokens >= 1) return 0;
    return ((1 - tokens) / PER_SECOND) * 1000;
  }

  async function run(): Promise<void> {
    busy = true;
    await sleep(AFTER_MS, undefined, { signal }).catch(() => undefined);
    for (const id of waiting) {
      const ms = msUntilNext();
      if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) break;
      tokens -= 1;
      await start(id);
      waiting.delete(id);
    }
    busy = false;
  }

  return {
    add(ids) {
      for (const id of ids) if (waiting.size < REMEMBERED) waiting.add(id);
      if (!busy && !signal.aborted) void run();
    },
  };
}
