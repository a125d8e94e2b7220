/** What a worker does with a job: the claim in the journal decides, so a job that comes twice does nothing twice. */
import type { Engine } from '../engine/engine.ts';
import { executeAction } from '../engine/execute-action.ts';
import { executeProbeStep } from '../engine/execute-probe-step.ts';
import { planStep } from '../engine/plan-step.ts';
import { reconcile } from '../engine/reconcile.ts';
import { runHealth } from '../engine/run-health.ts';
import { readStep } from '../journal/runs.ts';
import type { Job } from './open-queues.ts';

export function createHandler(engine: Engine): (job: Job) => Promise<void> {
  return async (job) => {
    try {
      await handle(engine, job);
    } catch (error) {
      if (engine.signal.aborted) return;
      engine.log.error(
        { err: error, job },
        'a job failed; the reconciler will raise it again if it is still due',
      );
    }
  };
}

async function handle(engine: Engine, job: Job, act: (stepId: number) => Promise<void>): Promise<void> {
  if (job.kind === 'health') return runHealth(engine, job.id);
  const step = await readStep(engine.journal.pool, job.id);
  if (step === null) return;
  if (step.type !== 'action') return executeProbeStep(engine, step.id);
  if (step.state === 'pending') return planStep(engine, step.id);
  if (step.state === 'waiting') return act(step.id);
}

const EVERY_MS = 1000;

/** Reconciles until the signal aborts; a pass that fails is logged and the next one tries again. */
export async function keepReconciling(engine: Engine): Promise<void> {
  let failing = false;
  while (!engine.signal.aborted) {
    try {
      await reconcile(engine);
      failing = false;
    } catch (error) {
      if (!failing && !engine.signal.aborted)
        engine.log.warn({ err: error }, 'the reconciler could not do its pass');
      failing = true;
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, EVERY_MS);
      engine.signal.addEventListener('abort', done, { once: true });
      function done(): void {
        clearTimeout(timer);
        engine.signal.removeEventListener('abort', done);
        resolve();
      }
    });
  }
}
