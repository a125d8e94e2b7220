/** A worker takes a read-only step: asks, once or until it is good, and writes what it learnt. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProbeStep } from '../domain/runbook.ts';
import { Conflict, isAboutData } from '../journal/open-journal.ts';
import { claimProbeStep, giveBackStep, moveStep, readRun, type StepRow } from '../journal/runs.ts';
import { advanceRun } from './advance-run.ts';
import { askService } from './ask-service.ts';
import { checkCondition } from './check-condition.ts';
import type { Engine } from './engine.ts';
import { perform } from './perform.ts';
import type { ConditionStep } from './start-run.ts';

const AGAIN_MS = 500;

export async function executeProbeStep(engine: Engine, stepId: number): Promise<void> {
  const step = await claimProbeStep(engine.journal.pool, stepId, engine.worker, probeLeaseMs(engine));
  if (step === null) return;
  const run = await readRun(engine.journal.pool, step.runId);
  if (run === null) return;
  const system = run.runbookId.split('/')[0] ?? '';
  const answer = await ask(engine, system, step, run.kind === 'verification');
  if (engine.signal.aborted && !answer.good) {
    // Shutting down in the middle of a wait: another worker goes on with it at once.
    await perform(engine, (draft) => draft.write(giveBackStep(stepId, engine.worker)));
    return;
  }
  const { good, result } = answer;
  await untilWritten(engine, () =>
    perform(engine, async (draft) => {
      await draft.write(moveStep(stepId, ['running'], good ? 'succeeded' : 'failed', result));
      await advanceRun(engine, draft, step.runId);
    }),
  );
}

/** While its lease lasts nobody else may take the step: what was learnt is written as soon as the journal is back. */
async function untilWritten(engine: Engine, write: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + probeLeaseMs(engine);
  for (;;) {
    try {
      return await write();
    } catch (error) {
      const isOver = performance.now() >= deadline || engine.signal.aborted;
      if (isOver || error instanceof Conflict || isAboutData(error)) throw error;
    }
    await sleep(AGAIN_MS, undefined, { signal: engine.signal }).catch(() => undefined);
  }
}

/** Long enough for the longest wait a catalog may ask for; a dead worker's step is taken again after it. */
const probeLeaseMs = (engine: Engine) => engine.settings.leaseMs * 4;

async function ask(
  engine: Engine,
  system: string,
  step: StepRow,
  verifying: boolean,
): Promise<{ good: boolean; result: unknown }> {
  if (step.type === 'condition') {
    const definition = step.definition as ConditionStep;
    return until(engine, verifying ? definition.withinMs : 0, async () => {
      const result = await checkCondition(engine, system, definition);
      return { good: verifying ? result.holds === false : result.holds !== null, result };
    });
  }
  const definition = step.definition as ProbeStep;
  return until(engine, verifying ? definition.withinMs : 0, async () => {
    const result = await askService(engine, system, definition);
    return { good: verifying ? result.state === 'up' : true, result };
  });
}

/** Asks again until it is good or the time is over; the last answer counts. */
async function until<T extends { readonly good: boolean }>(
  engine: Engine,
  withinMs: number,
  once: () => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await once();
    if (answer.good || performance.now() >= deadline) return answer;
    await sleep(AGAIN_MS, undefined, { signal: engine.signal }).catch(() => undefined);
    if (engine.signal.aborted) return answer;
  }
}
