import { describe, expect, it } from 'vitest';
import { outputEndOf, type StoredStep, toStep } from '../../src/journal/steps.ts';

const stored = (part: Partial<StoredStep>): StoredStep => ({
  id: 1,
  runId: 1,
  position: 1,
  type: 'action',
  danger: 'safe',
  seal: null,
  definition: {},
  state: 'succeeded',
  due: false,
  attempt: 0,
  wake: 0,
  result: null,
  replacedBy: null,
  token: 't',
  progress: null,
  startedAt: null,
  endedAt: null,
  ...part,
});

describe('a stored step', () => {
  it('that did not run says why, and has no result', () => {
    for (const how of ['cancelled', 'denied', 'skipped'] as const) {
      const step = toStep(
        stored({ type: 'probe', state: 'cancelled', result: { [how]: 'the run was aborted' } }),
      );
      expect(step.result).toBeNull();
      expect(step.notRun).toEqual({ how, why: 'the run was aborted' });
    }
  });

  it('that was replaced by a new plan keeps what differed', () => {
    const result = { kind: 'superseded', differs: ['run_id'] };
    expect(toStep(stored({ state: 'skipped', result }))).toMatchObject({ result, notRun: null });
  });

  it('that has not ended has neither a result nor a reason', () => {
    expect(toStep(stored({ state: 'waiting' }))).toMatchObject({ result: null, notRun: null });
  });

  it('of a version that knew fewer settings gets the usual ones', () => {
    const step = toStep(
      stored({ type: 'probe', definition: { key: 'ping', probe: 'redis.ping', service: 'redis' } }),
    );
    expect(step.definition).toMatchObject({ key: 'ping', title: null, withinMs: 0, settings: {} });
  });

  it('says the end of what an action printed, when it printed anything', () => {
    const ended = { kind: 'succeeded', why: 'done', items: [] };
    const read = (result: object): string | null => {
      const step = toStep(stored({ result: { ...result } }));
      return step.type === 'action' ? outputEndOf(step) : null;
    };
    expect(read({ ...ended, outputEnd: 'last line' })).toBe('last line');
    expect(read(ended)).toBeNull();
    expect(read({ refused: 'no such service' })).toBeNull();
  });
});
