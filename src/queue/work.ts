/** What a worker does with a job: the claim in the journal decides, so a job that comes twice does nothing twice. */
import { askTask } from '../engine/ask-task.ts';
import type { Engine } from '../engine/engine.ts';
import { executeAction } from '../engine/execute-action.ts';
import { executeProbeStep } from '../engine/execute-probe-step.ts';
import { planStep } from '../engine/plan-step.ts';
import { reconcile } from '../engine/reconcile.ts';
import { runHealth } from '../engine/run-health.ts';
import { readStep } from '../journal/runs.ts';
import type { Job } from './open-queues.ts';

export interface Handler {
  readonly handle: (job: Job) => Promise<void>;
  /** How many actions are under way: a shutdown lets them finish. */
  readonly acting: () => number;
}

export function createHandler(engine: Engine): Handler {
  let acting = 0;
  const act = async (stepId: number): Promise<void> => {
    acting += 1;
    await executeAction(engine, stepId).finally(() => {
      acting -= 1;
    });
  };
  return {
    acting: () => acting,
    async handle(job) {
      try {
        await handle(engine, job, act);
      } catch (error) {
        if (engine.signal.aborted) return;
        engine.log.error({ err: error, job }, 'a job failed; it is raised again if it is still due');
      }
    },
  };
}

async function handle(engine: Engine, job: Job, act: (stepId: number) => Promise<void>): Promise<void> {
  if (job.kind === 'health') return runHealth(engine, job.id);
  const step = await readStep(engine.journal.pool, job.id);
  if (step === null) return;
  if (step.type === 'task') return askTask(engine, step.id);
  if (step.type !== 'action') return executeProbeStep(engine, step.id);
  if (step.state === 'pending' && step.danger === 'safe') return act(step.id);
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
