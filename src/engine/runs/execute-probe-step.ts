/** A worker takes a read-only step: asks, once or until it is good, and writes what it learnt. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isGoodAnswer, isGoodReading, patienceMs } from '../../domain/run-rules.ts';
import { isLongerThanShown } from '../../domain/step-output.ts';
import { Conflict, isAboutData } from '../../journal/open-journal.ts';
import { claimProbeSteps, endProbeSteps, giveBackStep, type StepEnd } from '../../journal/probe-steps.ts';
import { type RunRow, readRunsById } from '../../journal/runs.ts';
import { reportProgress, type StepProgress } from '../../journal/step-progress.ts';
import type { CheckStepRow } from '../../journal/steps.ts';
import { askService } from '../checks/ask-service.ts';
import { checkCondition } from '../checks/check-condition.ts';
import type { Engine } from '../core/engine.ts';
import { createGather, upTo } from '../core/gather.ts';
import { runMessage } from '../core/messages.ts';
import { perform } from '../core/perform.ts';
import { advanceRun, overview } from './advance-run.ts';

const AGAIN_MS = 500;

/** Takes a step by its id and does it; false: it is not one of these, or it is not due. */
export type ProbeWorker = (stepId: number) => Promise<boolean>;

/** Steps taken, or ended, in one write. */
const TOGETHER = 100;

/** Steps that come together are claimed together, and those of a run that end together are written together. */
export function createProbeWorker(engine: Engine): ProbeWorker {
  const claim = createGather((ids: readonly number[]) => claimAll(engine, ids), upTo(TOGETHER));
  const writers = new Map<number, { readonly write: (end: StepEnd) => Promise<void>; writing: number }>();

  async function write(run: RunRow, end: StepEnd): Promise<void> {
    const writer = writers.get(run.id) ?? {
      write: createGather((ends: readonly StepEnd[]) => writeEnds(engine, run, ends), upTo(TOGETHER)),
      writing: 0,
    };
    writers.set(run.id, writer);
    writer.writing += 1;
    try {
      await untilWritten(engine, () => writer.write(end));
    } finally {
      writer.writing -= 1;
      if (writer.writing === 0) writers.delete(run.id);
    }
  }

  return async (stepId) => {
    const claimed = await claim(stepId);
    if (claimed === null) return false;
    const { step, run } = claimed;
    const { good, result } = await ask(engine, run, step);
    if (engine.signal.aborted && !good) {
      // Shutting down in the middle of a wait: another worker goes on with it at once.
      await perform(engine, (draft) => draft.write(giveBackStep(stepId, engine.worker)));
      return true;
    }
    await write(run, { id: stepId, state: good ? 'succeeded' : 'failed', result });
    return true;
  };
}

interface Claimed {
  readonly step: CheckStepRow;
  readonly run: RunRow;
}

async function claimAll(engine: Engine, ids: readonly number[]): Promise<readonly (Claimed | null)[]> {
  const { pool } = engine.journal;
  const steps = await claimProbeSteps(pool, ids, engine.worker, probeLeaseMs(engine));
  const runs =
    steps.length === 0 ? [] : await readRunsById(pool, [...new Set(steps.map(({ runId }) => runId))]);
  return ids.map((id) => {
    const step = steps.find((one) => one.id === id);
    const run = runs.find((one) => one.id === step?.runId);
    return step === undefined || run === undefined ? null : { step, run };
  });
}

async function writeEnds(
  engine: Engine,
  run: RunRow,
  ends: readonly StepEnd[],
): Promise<readonly undefined[]> {
  await perform(engine, async (draft) => {
    const ended = await endProbeSteps(draft.tx, ends);
    if (ended.size === 0) return;
    await advanceRun(engine, draft, run.id);
    for (const { id, result } of ends) {
      if (ended.has(id) && isLongerThanShown('probe', outputOf(result)))
        draft.want(runMessage(engine, run, `output-${id}`));
    }
  });
  return ends.map(() => undefined);
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

/** What a probe has read beyond its verdict; a condition has none. */
const outputOf = (result: StepEnd['result']): string => ('output' in result ? (result.output ?? '') : '');

const probeLeaseMs = (engine: Engine) => engine.settings.leaseMs * 4;

/** In a diagnosis any answer is good; elsewhere the step waits, within its time, for the one that is wanted. */
async function ask(
  engine: Engine,
  run: RunRow,
  step: CheckStepRow,
): Promise<{ good: boolean; result: StepEnd['result'] }> {
  const system = run.runbookId.split('/')[0] ?? '';
  if (step.type === 'condition') {
    const { definition } = step;
    return until(engine, run, step, patienceMs(run.kind, definition.withinMs), async () => {
      const result = await checkCondition(engine, system, definition);
      return { good: isGoodReading(run.kind, result.holds), result, says: result.says };
    });
  }
  const { definition } = step;
  return until(engine, run, step, patienceMs(run.kind, definition.withinMs), async () => {
    const result = await askService(engine, system, definition);
    return { good: isGoodAnswer(run.kind, result.state), result, says: result.reason ?? result.state };
  });
}

/** How often the people who wait are told how long it may still take, and the step's lease is renewed. */
const TELL_MS = 5000;

/** Asks again until it is good or the time is over; the last answer counts. Ends early when the step is taken away. */
async function until<T extends { readonly good: boolean; readonly says: string }>(
  engine: Engine,
  run: RunRow,
  step: CheckStepRow,
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
async function tell(
  engine: Engine,
  run: RunRow,
  step: CheckStepRow,
  progress: StepProgress,
): Promise<boolean> {
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
