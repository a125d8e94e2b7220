import { describe, expect, it } from 'vitest';
import { advance, type StepView } from '../../src/domain/advance.ts';
import type { StepState } from '../../src/domain/lives.ts';

const steps = (...states: readonly (StepState | 'replaced')[]): readonly StepView[] =>
  states.map((state, i) => ({
    id: i + 1,
    position: i + 1,
    state: state === 'replaced' ? 'skipped' : state,
    due: false,
    replaced: state === 'replaced',
  }));

describe('what comes next in a run', () => {
  it('a diagnosis asks everything at once, and ends when all have answered', () => {
    expect(advance('diagnosis', steps('pending', 'pending'))).toEqual({
      due: [1, 2],
      skip: [],
      state: 'running',
    });
    expect(advance('diagnosis', steps('succeeded', 'running')).state).toBe('running');
    expect(advance('diagnosis', steps('succeeded', 'succeeded')).state).toBe('succeeded');
    expect(advance('diagnosis', steps('succeeded', 'failed')).state).toBe('failed');
  });
  it('a recovery goes step by step', () => {
    expect(advance('recovery', steps('pending', 'pending'))).toEqual({
      due: [1],
      skip: [],
      state: 'running',
    });
    expect(advance('recovery', steps('waiting', 'pending'))).toEqual({ due: [], skip: [], state: 'running' });
    expect(advance('recovery', steps('succeeded', 'pending'))).toEqual({
      due: [2],
      skip: [],
      state: 'running',
    });
    expect(advance('recovery', steps('succeeded', 'succeeded')).state).toBe('succeeded');
  });
  it.each(['failed', 'interrupted', 'skipped'] as const)(
    'a step that was %s ends it, and the rest is skipped',
    (state) => {
      expect(advance('recovery', steps(state, 'pending', 'pending'))).toEqual({
        due: [],
        skip: [2, 3],
        state: 'failed',
      });
    },
  );
  describe('with a step that starts again what an earlier one stopped', () => {
    const stopRestoreStart = (...states: readonly StepState[]): readonly StepView[] =>
      steps(...states).map((step, i) => ({
        ...step,
        key: ['stop', 'restore', 'migrate', 'start', 'check'][i] ?? '',
        resumes: i === 3 ? 'stop' : null,
      }));
    it('asks for it when one between the two did not succeed, and skips the rest', () => {
      for (const state of ['failed', 'interrupted', 'cancelled'] as const) {
        expect(
          advance('operation', stopRestoreStart('succeeded', state, 'pending', 'pending', 'pending')),
        ).toEqual({ due: [4], skip: [3, 5], state: 'running' });
      }
      const waits = stopRestoreStart('succeeded', 'failed', 'skipped', 'waiting', 'skipped');
      expect(advance('operation', waits)).toEqual({ due: [], skip: [], state: 'running' });
      const ended = stopRestoreStart('succeeded', 'failed', 'skipped', 'succeeded', 'skipped');
      expect(advance('operation', ended)).toEqual({ due: [], skip: [], state: 'failed' });
    });
    it('asks for nothing when nothing was stopped', () => {
      const states = ['failed', 'pending', 'pending', 'pending', 'pending'] as const;
      expect(advance('operation', stopRestoreStart(...states))).toEqual({
        due: [],
        skip: [2, 3, 4, 5],
        state: 'failed',
      });
    });
  });
  it('a denied step cancels it', () => {
    expect(advance('recovery', steps('cancelled', 'pending'))).toEqual({
      due: [],
      skip: [2],
      state: 'cancelled',
    });
  });
  it('a step with a new plan takes the old one’s place', () => {
    expect(advance('recovery', steps('replaced', 'waiting', 'pending'))).toEqual({
      due: [],
      skip: [],
      state: 'running',
    });
  });
});
