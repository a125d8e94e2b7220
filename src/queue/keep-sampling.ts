/** Looks at every system in turn until the process stops; of many workers, one takes each turn. */
import { setTimeout as sleep } from 'node:timers/promises';
import { prepareSampling, sampleHealth } from '../engine/checks/sample-health.ts';
import type { Engine } from '../engine/core/engine.ts';

const LOOK_FOR_TURNS_MS = 2000;

/** `everyMs`: between two looks at a system. A pass that fails is logged, and the next one tries again. */
export async function keepSampling(engine: Engine, everyMs: number): Promise<void> {
  const { signal } = engine;
  let isPrepared = false;
  let isFailing = false;
  while (!signal.aborted) {
    try {
      if (!isPrepared) await prepareSampling(engine, everyMs);
      isPrepared = true;
      await sampleHealth(engine, everyMs);
      isFailing = false;
    } catch (error) {
      if (!isFailing && !signal.aborted) engine.log.warn({ err: error }, 'health could not be sampled');
      isFailing = true;
    }
    await sleep(Math.min(LOOK_FOR_TURNS_MS, everyMs / 4), undefined, { signal }).catch(() => undefined);
  }
}
