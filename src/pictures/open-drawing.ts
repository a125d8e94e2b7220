/**
 * Draws in a thread of its own, so that no drawing keeps Slack or a probe waiting. The thread is started by the first
 * chart and ended when none has come for a while: what it holds is some 60 MB.
 */
import { Worker } from 'node:worker_threads';
import type { Chart } from '../domain/chart.ts';

export interface Asked {
  readonly id: number;
  readonly chart: Chart;
}
export type Drawn = { readonly id: number } & ({ readonly png: Uint8Array } | { readonly why: string });
export type Picture = { readonly png: Uint8Array } | { readonly why: string };

export interface Drawing {
  /** Never throws and always ends: a PNG, at most 200 KiB, or why there is none. */
  draw(chart: Chart): Promise<Picture>;
  close(): Promise<void>;
}

/** The first drawing loads the library, too, on a machine that may be busy. */
const MOST_MS = 15_000;
const IDLE_MS = 60_000;

export function openDrawing(idleMs = IDLE_MS, mostMs = MOST_MS): Drawing {
  const waiting = new Map<number, (picture: Picture) => void>();
  let thread: Worker | null = null;
  let idle: NodeJS.Timeout | undefined;
  let closed = false;
  let last = 0;

  function start(): Worker {
    const started = new Worker(new URL('./drawing-thread.ts', import.meta.url));
    started.unref();
    started.on('message', (drawn: Drawn) => waiting.get(drawn.id)?.(drawn));
    started.on('error', (error: Error) => lose(started, `the drawing thread failed: ${error.message}`));
    started.on('exit', () => lose(started, 'the drawing thread ended'));
    return started;
  }

  /** Whatever it was drawing is not drawn; the next chart starts another thread. */
  function lose(lost: Worker, why: string): void {
    if (thread !== lost) return;
    thread = null;
    for (const settle of [...waiting.values()]) settle({ why });
  }

  async function end(): Promise<void> {
    const ending = thread;
    if (ending === null) return;
    lose(ending, 'the drawing was stopped');
    await ending.terminate();
  }

  return {
    draw(chart) {
      if (closed) return Promise.resolve({ why: 'the bot is stopping' });
      clearTimeout(idle);
      thread ??= start();
      const used = thread;
      last += 1;
      const id = last;
      return new Promise((resolve) => {
        const settle = (picture: Picture): void => {
          clearTimeout(timer);
          waiting.delete(id);
          if (waiting.size === 0) idle = setTimeout(() => void end(), idleMs).unref();
          resolve(picture);
        };
        // A drawing that goes on and on can only be ended with its thread.
        const timer = setTimeout(() => {
          settle({ why: `not drawn within ${mostMs} ms` });
          if (thread === used) void end();
        }, mostMs);
        waiting.set(id, settle);
        used.postMessage({ id, chart } satisfies Asked);
      });
    },
    async close() {
      closed = true;
      clearTimeout(idle);
      await end();
    },
  };
}
