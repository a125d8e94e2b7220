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
