/** A worker takes a read-only step: asks, once or until it is good, and writes what it learnt. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProbeResult } from '../domain/probe.ts';
import type { ProbeStep } from '../domain/runbook.ts';
import { isLongerThanShown } from '../domain/step-output.ts';
import { Conflict, isAboutData } from '../journal/open-journal.ts';
import {
  claimProbeStep,
  giveBackStep,
  moveStep,
  type RunRow,
  readRun,
  readStep,
  type StepRow,
} from '../journal/runs.ts';
import { reportProgress, type StepProgress } from '../journal/step-progress.ts';
import { advanceRun, overview } from './advance-run.ts';
import { askService } from './ask-service.ts';
import { checkCondition } from './check-condition.ts';
import type { Engine } from './engine.ts';
import { runMessage } from './messages.ts';
import { perform } from './perform.ts';
import type { ConditionStep } from './start-run.ts';

const AGAIN_MS = 500;

export async function executeProbeStep(engine: Engine, stepId: number): Promise<void> {
  const step = await claimProbeStep(engine.journal.pool, stepId, engine.worker, probeLeaseMs(engine));
  if (step === null) return;
  const run = await readRun(engine.journal.pool, step.runId);
  if (run === null) return;
  const answer = await ask(engine, run, step);
  if (engine.signal.aborted && !answer.good) {
    // Shutting down in the middle of a wait: another worker goes on with it at once.
    await perform(engine, (draft) => draft.write(giveBackStep(stepId, engine.worker)));
    return;
  }
  const { good, result } = answer;
  await untilWritten(engine, () =>
    perform(engine, async (draft) => {
      const now = await readStep(draft.tx, stepId);
      // An abort, or the end of its incident, came first.
      if (now?.state !== 'running') return;
      await draft.write(moveStep(stepId, ['running'], good ? 'succeeded' : 'failed', result));
      await advanceRun(engine, draft, step.runId);
      if (isLongerThanShown('probe', outputOf(step, result)))
        draft.want(runMessage(engine, run, `output-${stepId}`));
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

const outputOf = (step: StepRow, result: unknown): string =>
  step.type === 'probe' ? ((result as ProbeResult).output ?? '') : '';

const probeLeaseMs = (engine: Engine) => engine.settings.leaseMs * 4;

/** In a diagnosis any answer is good; elsewhere the step waits, within its time, for the one that is wanted. */
async function ask(engine: Engine, run: RunRow, step: StepRow): Promise<{ good: boolean; result: unknown }> {
  const system = run.runbookId.split('/')[0] ?? '';
  const waits = run.kind !== 'diagnosis';
  if (step.type === 'condition') {
    const definition = step.definition as ConditionStep;
    return until(engine, run, step, waits ? definition.withinMs : 0, async () => {
      const result = await checkCondition(engine, system, definition);
      return { good: waits ? result.holds === false : result.holds !== null, result, says: result.says };
    });
  }
  const definition = step.definition as ProbeStep;
  return until(engine, run, step, waits ? definition.withinMs : 0, async () => {
    const result = await askService(engine, system, definition);
    return { good: waits ? result.state === 'up' : true, result, says: result.reason ?? result.state };
  });
}

/** How often the people who wait are told how long it may still take, and the step's lease is renewed. */
const TELL_MS = 5000;

/** Asks again until it is good or the time is over; the last answer counts. Ends early when the step is taken away. */
async function until<T extends { readonly good: boolean; readonly says: string }>(
  engine: Engine,
  run: RunRow,
  step: StepRow,
  withinMs: number,
  once: () => Promise<T>,
): Promise<T> {
  const begun = performance.now();
  const deadline = begun + withinMs;
  const ends = new Date(Date.now() + withinMs).toISOString();
  let told = begun - TELL_MS + 1000;
  for (;;) {
    const answer = await once();
    const now = performance.now();
    if (answer.good || now >= deadline) return answer;
    if (now - told >= TELL_MS) {
      told = now;
      if (!(await tell(engine, run, step, { line: answer.says, until: ends }))) return answer;
    }
    await sleep(AGAIN_MS, undefined, { signal: engine.signal }).catch(() => undefined);
    if (engine.signal.aborted) return answer;
  }
}

/** False: somebody ended the step, or another worker has it. */
async function tell(engine: Engine, run: RunRow, step: StepRow, progress: StepProgress): Promise<boolean> {
  return perform(engine, async (draft) => {
    const { worker } = engine;
    const mine = await reportProgress(
      draft.tx,
      step.id,
      worker,
      probeLeaseMs(engine),
      engine.redact(progress),
    );
    if (mine)
      draft.want(run.kind === 'verification' ? runMessage(engine, run, 'recovery') : overview(engine, run));
    return mine;
  });
}
