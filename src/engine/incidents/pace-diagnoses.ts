/**
 * First diagnoses begin at a bounded pace, the alerts themselves are told at once: Slack shows a message a second in a
 * channel anyway, and what is diagnosed faster than that only keeps further alerts waiting. Critical incidents come
 * first, then those with a runbook, whenever they came.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DueDiagnosis } from '../../journal/diagnoses.ts';

const PER_SECOND = 5;
const BURST = 10;
/** The alert is told first: this is about how long that takes. */
const AFTER_MS = 50;
/** So many of a priority are remembered; the journal knows the others. */
const REMEMBERED = 1000;

export interface DiagnosisPace {
  /** Those that wait already are not added again. */
  add(due: readonly DueDiagnosis[]): void;
}

/** `start` is called for one after the other, by priority and then in the order in which they came, until `signal` aborts. */
export function paceDiagnoses(start: (id: number) => Promise<void>, signal: AbortSignal): DiagnosisPace {
  const waiting = [new Set<number>(), new Set<number>(), new Set<number>()] as const;
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

  const first = (): { readonly id: number; readonly from: Set<number> } | null => {
    for (const from of waiting) for (const id of from) return { id, from };
    return null;
  };

  async function run(): Promise<void> {
    busy = true;
    await sleep(AFTER_MS, undefined, { signal }).catch(() => undefined);
    while (first() !== null) {
      const ms = msUntilNext();
      if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) break;
      // A more urgent one may have come meanwhile.
      const next = first();
      if (next === null) break;
      tokens -= 1;
      await start(next.id);
      next.from.delete(next.id);
    }
    busy = false;
  }

  return {
    add(due) {
      for (const { id, priority } of due) if (waiting[priority].size < REMEMBERED) waiting[priority].add(id);
      if (!busy && !signal.aborted) void run();
    },
  };
}
