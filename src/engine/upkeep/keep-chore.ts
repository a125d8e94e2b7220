/**
 * Work that is done again and again as long as the process lives. Each chore has a loop, a pace and a time limit of its
 * own, so that one that fails or hangs holds up no other. What is due is in the journal, and several processes do the
 * same chores at the same time: so a pass that was given up may still be going on beside the next one.
 */
import type { Logger } from 'pino';

export interface Chore {
  /** In lower case, as it stands in metrics and logs: `lost-executions`. */
  readonly name: string;
  /** Milliseconds between the end of a pass and the next one. */
  readonly everyMs: number;
  /** Milliseconds after which a pass is told to stop and is no longer waited for. */
  readonly withinMs: number;
  /**
   * One pass; cheap when there is nothing to do. `signal` aborts at the time limit and when the process stops;
   * `restFor`: milliseconds until the next pass, instead of the chore's own pace.
   */
  readonly run: (signal: AbortSignal, restFor: (ms: number) => void) => Promise<void>;
}

/** `late`: it reached its time limit. */
export type PassEnd = 'done' | 'failed' | 'late';

export interface ChoreDeps {
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Counts a pass. */
  readonly count: (chore: string, end: PassEnd, seconds: number) => void;
}

/** Passes that were given up and have not ended: with so many the chore waits for one of them. */
const HANGING_MOST = 3;

const SPREAD_MS = 1000;

/** Does each of them until the signal aborts. They begin one after the other, so that they don't all ask at once. */
export async function keepChores(chores: readonly Chore[], deps: ChoreDeps): Promise<void> {
  await Promise.all(
    chores.map(async (chore, i) => {
      await rest((Math.min(chore.everyMs, SPREAD_MS) * i) / chores.length, deps.signal);
      await keepChore(chore, deps);
    }),
  );
}

/** A pass that fails is logged, the first of a row; the next one tries again. */
export async function keepChore(chore: Chore, { signal, log, count }: ChoreDeps): Promise<void> {
  let isFailing = false;
  let hanging = 0;
  while (!signal.aborted) {
    const begun = performance.now();
    let end: PassEnd = 'done';
    let pause = chore.everyMs;
    try {
      if (hanging >= HANGING_MOST) throw new Late(`${hanging} passes before it have not ended`);
      const restFor = (ms: number): void => {
        pause = ms;
      };
      await inTime(chore, signal, restFor, (pass) => {
        hanging += 1;
        void pass.then(() => {
          hanging -= 1;
        });
      });
      if (isFailing) log.info({ chore: chore.name }, 'a chore is done again');
      isFailing = false;
    } catch (error) {
      if (signal.aborted) return;
      end = error instanceof Late ? 'late' : 'failed';
      if (!isFailing) log.warn({ err: error, chore: chore.name }, 'a chore was not done; it is tried again');
      isFailing = true;
    }
    count(chore.name, end, (performance.now() - begun) / 1000);
    await rest(pause, signal);
  }
}

class Late extends Error {}

/** `onHang` is given the pass that goes on after its time; it settles when that ends and never rejects. */
async function inTime(
  chore: Chore,
  signal: AbortSignal,
  restFor: (ms: number) => void,
  onHang: (pass: Promise<unknown>) => void,
): Promise<void> {
  const limit = new AbortController();
  const pass = (async () => chore.run(AbortSignal.any([signal, limit.signal]), restFor))();
  const settled = pass.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new Late(`it has not ended after ${chore.withinMs / 1000} s`);
      limit.abort(error);
      onHang(settled);
      reject(error);
    }, chore.withinMs);
  });
  return Promise.race([pass, late]).finally(() => clearTimeout(timer));
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
