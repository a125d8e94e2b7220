/** What follows from a run: the same rules for the engine and for played tests. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { advance, type StepView } from '../../src/domain/advance.ts';
import { hasEnded, type RunState, type StepState } from '../../src/domain/lives.ts';
import { playRunbook, type Script } from '../../src/domain/play-runbook.ts';
import {
  isCheckedAfter,
  isGoodAnswer,
  isProposedAgain,
  patienceMs,
  proposedOptions,
} from '../../src/domain/run-rules.ts';
import type { ActionStep, RecoverOption, Runbook, Step } from '../../src/domain/runbook.ts';

const option = (key: string, propose: boolean): RecoverOption => ({
  ...{ key, title: key, propose, caution: null, steps: [] },
});

test('options are proposed while the alert fires and its condition was read and holds', () => {
  const all = [option('a', true), option('b', false), option('c', true)];
  expect(proposedOptions(all, 'firing', true).map(({ key }) => key)).toEqual(['a', 'c']);
  for (const holds of [false, null]) expect(proposedOptions(all, 'firing', holds)).toEqual([]);
  for (const state of ['mitigated', 'resolved'] as const)
    expect(proposedOptions(all, state, true)).toEqual([]);
});

test('an alert asks once; a person’s diagnosis asks again, but not beside a run that goes on', () => {
  expect(isProposedAgain(null, true)).toBe(true);
  expect(isProposedAgain({ state: 'failed' }, true)).toBe(false);
  expect(isProposedAgain({ state: 'failed' }, false)).toBe(true);
  expect(isProposedAgain({ state: 'running' }, false)).toBe(false);
});

test('what was done is looked at, unless it was cancelled, undone, or only read', () => {
  const acted = [{ type: 'action', state: 'interrupted' }] as const;
  const run = { kind: 'recovery', state: 'failed', isUndo: false } as const;
  expect(isCheckedAfter(run, acted)).toBe(true);
  expect(isCheckedAfter({ ...run, state: 'cancelled' }, acted)).toBe(false);
  expect(isCheckedAfter({ ...run, isUndo: true }, acted)).toBe(false);
  expect(isCheckedAfter({ ...run, kind: 'verification' }, acted)).toBe(false);
  expect(isCheckedAfter(run, [{ type: 'probe', state: 'succeeded' }])).toBe(false);
});

test('a diagnosis asks once and takes any answer', () => {
  expect(patienceMs('diagnosis', 30_000)).toBe(0);
  expect(patienceMs('verification', 30_000)).toBe(30_000);
  expect(isGoodAnswer('diagnosis', 'down')).toBe(true);
  expect(isGoodAnswer('operation', 'degraded')).toBe(false);
});

const action = (key: string, danger: ActionStep['danger']): Step => ({
  ...{ type: 'action', key, title: null, action: 'x', service: 's', settings: {} },
  ...{ danger, timeoutMs: 1000 },
});
const probe = (key: string): Step => ({
  ...{ type: 'probe', key, title: null, probe: 'p', service: 's', settings: {} },
  ...{ expect: null, withinMs: 0, timeoutMs: 1000 },
});
const task = (key: string): Step => ({ type: 'task', key, title: null, task: 'do it' });

const operation = (steps: readonly Step[]): Runbook => ({
  ...{ id: 's/o', version: 1, system: 's', title: 'o', triggers: [], symptoms: [], impact: [] },
  ...{ condition: null, diagnose: [], steps, params: [], recover: [], verify: [], notes: [] },
  ...{ links: [], escalate: null },
});

const aStep = fc.constantFrom('safe', 'disruptive', 'destructive', 'probe', 'task');
const anOutcome = fc.constantFrom('succeeded', 'failed', 'refused');
const aDecision = fc.constantFrom('approve', 'deny', null);

/** One transition after another, as the engine's rows would go: `advance` alone says what is next. */
function states(
  kinds: readonly string[],
  outcomes: readonly ('succeeded' | 'failed' | 'refused')[],
  isUp: boolean,
  decision: 'approve' | 'deny' | null,
): { readonly states: readonly StepState[]; readonly run: RunState } {
  const end = (i: number): StepState => {
    const kind = kinds[i];
    if (kind === 'task') return 'succeeded';
    if (kind === 'probe') return isUp ? 'succeeded' : 'failed';
    if (outcomes[i] === 'refused') return 'failed';
    if (kind !== 'safe' && decision !== 'approve') return decision === 'deny' ? 'cancelled' : 'waiting';
    return outcomes[i] === 'failed' ? 'failed' : 'succeeded';
  };
  let rows: readonly StepView[] = kinds.map((_, id) => ({
    ...{ id, position: id, state: 'pending', due: false, replaced: false },
  }));
  for (;;) {
    const next = advance('operation', rows);
    rows = rows.map((row) => {
      if (next.skip.includes(row.id)) return { ...row, state: 'skipped' };
      return next.due.includes(row.id) ? { ...row, due: true, state: end(row.id) } : row;
    });
    if (next.due.length === 0) return { states: rows.map(({ state }) => state), run: next.state };
  }
}

test('a played operation comes to the states that the engine’s rule comes to', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(aStep, anOutcome), { minLength: 1, maxLength: 6 }),
      fc.boolean(),
      aDecision,
      (parts, isUp, decision) => {
        const kinds = parts.map(([kind]) => kind);
        const outcomes = parts.map(([, outcome]) => outcome);
        const steps = kinds.map((kind, i) =>
          kind === 'task'
            ? task(`k${i}`)
            : kind === 'probe'
              ? probe(`k${i}`)
              : action(`k${i}`, kind as 'safe'),
        );
        const script: Script = {
          answers: {
            s: { p: [{ atMs: 0, state: isUp ? 'up' : 'down', reason: isUp ? null : 'no', facts: {} }] },
          },
          actions: Object.fromEntries(outcomes.map((outcome, i) => [`k${i}`, { outcome, takesMs: 10 }])),
          ...{ expression: [], choose: null },
          decision: decision === null ? null : { verdict: decision, afterMs: 5 },
        };
        const played = playRunbook(operation(steps), script, (step) => {
          const common = { entry: null, needs: 'nothing', problems: [], kind: null } as const;
          switch (step.type) {
            case 'task':
              return { type: 'task', step, danger: 'safe', problems: [] };
            case 'probe':
              return { ...common, type: 'probe', step, danger: 'safe' };
            default:
              return { ...common, type: 'action', step, danger: step.danger ?? 'safe' };
          }
        });
        const wanted = states(kinds, outcomes, isUp, decision);
        expect(Object.values(played.steps)).toEqual(wanted.states);
        expect(played.state).toBe(wanted.run === 'succeeded' ? 'done' : 'failed');
        if (wanted.run !== 'running') expect(wanted.states.every(hasEnded)).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});
