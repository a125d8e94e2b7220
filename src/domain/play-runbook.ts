/** A runbook played against recorded answers and a clock: which steps, what is said, who is asked. Nothing is touched. */
import { advance, linksOf, type StepView } from './advance.ts';
import type { FactDeclarations } from './fact.ts';
import {
  type ConditionReading,
  type ExpressionReading,
  judgeAlerts,
  mitigates,
  moveAfter,
} from './judge-alerts.ts';
import { conditionStep, judgeCondition } from './judge-condition.ts';
import type { RunKind, RunState, StepState } from './lives.ts';
import type { ProbeFinding, ProbeState } from './probe.ts';
import type { Resolved, ResolvedAction } from './resolve-step.ts';
import { asExpected } from './run-probe.ts';
import {
  hasDone,
  isCheckedAfter,
  isGoodAnswer,
  isGoodReading,
  patienceMs,
  proposedOptions,
} from './run-rules.ts';
import type { ProbeStep, Runbook, Step } from './runbook.ts';

/** What a target answers from a moment on, in milliseconds of the story. */
export interface RecordedAnswer extends ProbeFinding {
  readonly atMs: number;
}

export interface RecordedAction {
  readonly outcome: 'succeeded' | 'failed' | 'refused';
  readonly takesMs: number;
}

export interface Script {
  /** By service, then by the step's key or its probe; the last one whose moment has come is the answer. */
  readonly answers: Readonly<Record<string, Readonly<Record<string, readonly RecordedAnswer[]>>>>;
  /** What the alert's own expression gives from a moment on: a value, or null for no series. Empty: it can't be read. */
  readonly expression: readonly { readonly atMs: number; readonly value: number | null }[];
  /** By the step's key, or by the action's name. */
  readonly actions: Readonly<Record<string, RecordedAction>>;
  /** The key of the option that somebody clicks, when none is proposed. */
  readonly choose: string | null;
  readonly decision: { readonly verdict: 'approve' | 'deny'; readonly afterMs: number } | null;
}

/** As the engine resolves a step, with the parameters of the story. */
export type Resolve = (step: Step) => Resolved;

export type PlayedState = Extract<
  StepState,
  'pending' | 'succeeded' | 'failed' | 'skipped' | 'waiting' | 'cancelled'
>;

interface PlayedStep extends StepView {
  readonly state: PlayedState;
  readonly step: Step;
  readonly type: Step['type'];
}

export interface Played {
  readonly offers: readonly string[];
  readonly proposed: readonly string[];
  /** By step: the state that it showed. */
  readonly diagnosis: Readonly<Record<string, ProbeState>>;
  /** Null: there is none, or it could not be read. */
  readonly condition: boolean | null;
  /** Keys of steps that needed a decision → who was asked. */
  readonly asked: Readonly<Record<string, 'on-call' | 'rollback-authority'>>;
  readonly steps: Readonly<Record<string, PlayedState>>;
  readonly verify: Readonly<Record<string, 'succeeded' | 'failed'>>;
  readonly state: 'firing' | 'mitigated' | 'done' | 'failed';
  /** Milliseconds of the story until nothing more happened. */
  readonly tookMs: number;
  readonly says: readonly string[];
  /** Steps whose answer was not recorded. */
  readonly missing: readonly string[];
}

const AGAIN_MS = 500;
const READ_EVERY_MS = 30_000;

/** From when on every answer stays as it is. */
const lastChange = ({ answers, expression }: Script): number =>
  [...Object.values(answers).flatMap((ofService) => Object.values(ofService).flat()), ...expression].reduce(
    (latest, { atMs }) => Math.max(latest, atMs),
    0,
  );

export function playRunbook(runbook: Runbook, script: Script, resolve: Resolve): Played {
  const said: string[] = [];
  const missing: string[] = [];
  let now = 0;
  const last = lastChange(script);
  const ask = (written: ProbeStep): ProbeFinding => {
    const resolved = resolve({ type: 'probe', ...written });
    const step = resolved.type === 'probe' ? resolved.step : written;
    const facts = factsOf(written);
    const ofService = script.answers[step.service] ?? {};
    const all = ofService[step.key] ?? ofService[step.probe] ?? ofService.health ?? [];
    const found = all.filter((answer) => answer.atMs <= now).at(-1);
    if (found === undefined) {
      missing.push(`${step.key}: ${step.probe} on ${step.service}`);
      return { state: 'unknown', reason: 'no answer is recorded', facts: {} };
    }
    const held = asExpected(found, step, { facts });
    said.push(
      [step.title ?? step.key, held.state, held.reason, ...Object.values(held.facts), held.output]
        .filter((part) => part != null)
        .join(' · '),
    );
    return held;
  };
  const factsOf = (written: ProbeStep): FactDeclarations => {
    const resolved = resolve({ type: 'probe', ...written });
    return resolved.type === 'probe' ? (resolved.kind?.facts ?? {}) : {};
  };
  const readCondition = (): ConditionReading | null => {
    if (runbook.condition === null) return null;
    const question = conditionStep(runbook.condition);
    const found = ask(question);
    const verdict = judgeCondition(runbook.condition, found, factsOf(question));
    said.push(verdict.says);
    return { ...verdict, isDown: found.state === 'down' };
  };
  const readAlert = (): ExpressionReading => {
    const found = script.expression.filter(({ atMs }) => atMs <= now).at(-1);
    if (found === undefined) return { kind: 'unread', why: 'no expression is recorded' };
    return found.value === null
      ? { kind: 'gone', says: 'the alert is no longer true in Prometheus' }
      : { kind: 'true', says: `the alert is ${found.value} in Prometheus` };
  };
  /** Every half minute, as long as the story goes on changing. */
  const readOn = (before: 'firing' | 'mitigated'): 'firing' | 'mitigated' => {
    let state = before;
    let goneAt: number | null = null;
    for (;;) {
      const verdict = judgeAlerts([readAlert()], mitigates(runbook.condition) ? readCondition() : null);
      said.push(verdict.says);
      goneAt = verdict.verdict === 'gone' ? (goneAt ?? now) : null;
      const times = { goneForMs: goneAt === null ? 0 : now - goneAt, everyMs: READ_EVERY_MS, acted: true };
      state = moveAfter(state, verdict, times) ?? state;
      if (state === 'mitigated' || (now >= last && goneAt === null)) return state;
      now += READ_EVERY_MS;
    }
  };
  /** Goes on asking until it is good or the time is over; the clock goes on. */
  const wait = (withinMs: number, good: () => boolean): boolean => {
    const deadline = now + withinMs;
    for (;;) {
      if (good()) return true;
      if (now >= deadline) return false;
      now = Math.min(deadline, now + AGAIN_MS);
    }
  };

  said.push(runbook.title, ...runbook.impact, ...runbook.symptoms, ...runbook.notes);
  const condition = readCondition()?.holds ?? null;
  const diagnosis = Object.fromEntries(runbook.diagnose.map((step) => [step.key, ask(step).state]));
  const proposed = proposedOptions(runbook.recover, 'firing', condition);
  const chosen = proposed.length > 0 ? proposed : runbook.recover.filter(({ key }) => key === script.choose);
  const isOperation = runbook.steps.length > 0;
  const asked: Record<string, 'on-call' | 'rollback-authority'> = {};
  const steps: Record<string, PlayedState> = {};
  const verify: Record<string, 'succeeded' | 'failed'> = {};
  let incident: 'firing' | 'mitigated' = 'firing';
  let acted = false;
  let isDone = isOperation;
  for (const list of isOperation ? [runbook.steps] : chosen.map((option) => option.steps)) {
    const kind = isOperation ? 'operation' : 'recovery';
    const { state, rows } = playRun(kind, list);
    const isChecked = isCheckedAfter({ kind, state, isUndo: false }, rows);
    const isGood = !isChecked || playVerification();
    isDone &&= state === 'succeeded' && isGood;
    acted ||= rows.some(hasDone);
    if (acted && !isOperation) incident = readOn(incident);
  }
  return {
    offers: runbook.recover.map(({ title }) => title),
    proposed: proposed.map(({ title }) => title),
    diagnosis,
    condition,
    asked,
    steps,
    verify,
    state: isOperation ? (isDone ? 'done' : 'failed') : incident,
    tookMs: now,
    says: said,
    missing: [...new Set(missing)],
  };

  /** Step by step, as `advance` says; one that waits for an answer that nobody gives leaves the rest pending. */
  function playRun(kind: RunKind, list: readonly Step[]): { state: RunState; rows: readonly PlayedStep[] } {
    let rows: readonly PlayedStep[] = list.map((step, id) => ({
      ...{ id, position: id, state: 'pending', due: false, replaced: false },
      ...{ step, type: step.type, ...linksOf(step) },
    }));
    const set = (id: number, state: PlayedState): void => {
      rows = rows.map((row) => (row.id === id ? { ...row, state, due: true } : row));
    };
    for (;;) {
      const next = advance(kind, rows);
      for (const id of next.skip) set(id, 'skipped');
      const turn = rows.filter(({ id }) => next.due.includes(id));
      for (const { id, step } of turn) set(id, playStep(kind, step));
      if (turn.length > 0) continue;
      for (const { step, state } of rows) steps[step.key] = state;
      return { state: next.state, rows };
    }
  }

  /** Side by side: each from the same moment, over with the last. Whether all of them were good. */
  function playVerification(): boolean {
    const begun = now;
    let last = begun;
    const play = (withinMs: number, good: () => boolean): boolean => {
      now = begun;
      const isGood = wait(patienceMs('verification', withinMs), good);
      last = Math.max(last, now);
      return isGood;
    };
    const isGone =
      runbook.condition === null ||
      play(runbook.condition.withinMs, () => isGoodReading('verification', readCondition()?.holds ?? null));
    for (const step of runbook.verify) {
      const isGood = play(step.withinMs, () => isGoodAnswer('verification', ask(step).state));
      verify[step.key] = isGood ? 'succeeded' : 'failed';
    }
    now = last;
    return isGone && Object.values(verify).every((state) => state === 'succeeded');
  }

  function playStep(kind: RunKind, written: Step): PlayedState {
    const resolved = resolve(written);
    switch (resolved.type) {
      case 'task': {
        const { step } = resolved;
        said.push(step.title ?? step.task, step.task);
        return 'succeeded';
      }
      case 'probe': {
        const { step } = resolved;
        const good = (): boolean => isGoodAnswer(kind, ask(step).state);
        return wait(patienceMs(kind, step.withinMs), good) ? 'succeeded' : 'failed';
      }
      case 'action':
        return playAction(resolved);
      default:
        return resolved satisfies never;
    }
  }

  function playAction({ step, danger }: ResolvedAction): PlayedState {
    const recorded = script.actions[step.key] ??
      script.actions[step.action] ?? { outcome: 'succeeded', takesMs: 0 };
    said.push(step.title ?? step.action);
    if (recorded.outcome === 'refused') return 'failed';
    if (danger !== 'safe') {
      asked[step.key] = danger === 'destructive' ? 'rollback-authority' : 'on-call';
      if (script.decision === null) return 'waiting';
      now += script.decision.afterMs;
      if (script.decision.verdict === 'deny') return 'cancelled';
    }
    now += recorded.takesMs;
    return recorded.outcome;
  }
}
