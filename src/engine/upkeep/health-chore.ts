/** Looks at every system in turn; of many workers, one takes each turn. */
import { prepareSampling, sampleHealth } from '../checks/sample-health.ts';
import type { Engine } from '../core/engine.ts';
import type { Chore } from './keep-chore.ts';

const LOOK_FOR_TURNS_MS = 2000;
/** Every probe has a time limit of its own; thinning out a long history takes longer. */
const WITHIN_MS = 5 * 60_000;

/** `everyMs`: between two looks at a system. */
export function healthChore(engine: Engine, everyMs: number): Chore {
  let isPrepared = false;
  return {
    name: 'health',
    everyMs: Math.min(LOOK_FOR_TURNS_MS, everyMs / 4),
    withinMs: WITHIN_MS,
    run: async (signal) => {
      if (!isPrepared) await prepareSampling(engine, everyMs);
      isPrepared = true;
      await sampleHealth({ ...engine, signal }, everyMs);
    },
  };
}
