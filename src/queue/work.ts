/** What a worker does with a job: the claim in the journal decides, so a job that comes twice does nothing twice. */

import { executeAction } from '../engine/changes/execute-action.ts';
import { planStep } from '../engine/changes/plan-step.ts';
import { runHealth } from '../engine/checks/run-health.ts';
import type { Engine } from '../engine/core/engine.ts';
import { askTask } from '../engine/runs/ask-task.ts';
import { createProbeWorker } from '../engine/runs/execute-probe-step.ts';
import { readStep } from '../journal/steps.ts';
import type { Job, QueueName } from './open-queues.ts';

export interface Handler {
  readonly handle: (queue: QueueName, job: Job) => Promise<void>;
  /** How many actions are under way: a shutdown lets them finish. */
  readonly acting: () => number;
}

export function createHandler(engine: Engine): Handler {
  let acting = 0;
  const probe = createProbeWorker(engine);
  const act = async (stepId: number): Promise<void> => {
    acting += 1;
    await executeAction(engine, stepId).finally(() => {
      acting -= 1;
    });
  };
  return {
    acting: () => acting,
    async handle(queue, job) {
      try {
        if (job.kind === 'health') await runHealth(engine, job.id);
        // By far the most of its queue are read-only: taken without being looked at first.
        else if (queue !== 'probe' || !(await probe(job.id))) await step(engine, job.id, act);
      } catch (error) {
        if (engine.signal.aborted) return;
        engine.log.error({ err: error, job }, 'a job failed; it is raised again if it is still due');
      }
    },
  };
}

async function step(engine: Engine, id: number, act: (stepId: number) => Promise<void>): Promise<void> {
  const found = await readStep(engine.journal.pool, id);
  if (found?.type === 'task') return askTask(engine, id);
  if (found?.type !== 'action') return;
  if (found.state === 'pending' && found.danger !== 'safe') return planStep(engine, id);
  if (found.state === 'pending' || found.state === 'waiting') return act(id);
}
