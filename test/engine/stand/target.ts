/** What the shop's kinds look at and change: a cache that is as full as the test says, and counts what is done to it. */
import { z } from 'zod';
import type { ActionKind, Danger, PlanDraft, Refused } from '../../../src/domain/action.ts';
import type { ProbeFinding, ProbeKind } from '../../../src/domain/probe.ts';

const none = z.strictObject({});

export interface FakeTarget {
  readonly probeKinds: ReadonlyMap<string, ProbeKind>;
  readonly actionKinds: ReadonlyMap<string, ActionKind>;
  /** Percent; what the probe and the condition read. */
  used: number;
  /** Instead of a finding. */
  probe: () => Promise<ProbeFinding>;
  /** What it is: another one refuses what was approved for the one before. */
  identity: string;
  items: readonly string[];
  plan: () => Promise<PlanDraft | Refused>;
  /** Right before an action calls `act`, and right after it. */
  before: () => Promise<void>;
  after: () => Promise<void>;
  /** Names of the kinds that got as far as doing something. */
  readonly done: string[];
}

export function createTarget(): FakeTarget {
  const done: string[] = [];
  const target: FakeTarget = {
    probeKinds: new Map([['fake.look', look()]]),
    actionKinds: new Map(
      (
        [
          ['fake.note', 'safe'],
          ['fake.restart', 'disruptive'],
          ['fake.wipe', 'destructive'],
        ] as const
      ).map(([name, danger]) => [name, change(name, danger)]),
    ),
    used: 92,
    probe: async () => ({ state: 'up', reason: null, facts: { used_percent: target.used } }),
    identity: 'one',
    items: ['a', 'b'],
    plan: async () => ({
      identity: { id: target.identity },
      marker: null,
      scope: { kind: 'items', items: target.items.map((name) => ({ id: name, name, note: '' })) },
      preview: [],
      undo: { kind: 'none', reason: 'nothing is kept' },
    }),
    before: async () => undefined,
    after: async () => undefined,
    done,
  };
  return target;

  function look(): ProbeKind {
    return {
      name: 'fake.look',
      settings: none,
      needs: 'nothing',
      facts: { used_percent: { type: 'number', unit: '%' } },
      probe: () => target.probe(),
    };
  }

  function change(name: string, danger: Danger): ActionKind {
    return {
      name,
      contractVersion: 1,
      danger,
      needs: 'nothing',
      settings: none,
      plan: () => target.plan(),
      async execute(_target, _settings, plan, act) {
        await target.before();
        await act();
        done.push(name);
        await target.after();
        const items = plan.scope.kind === 'items' ? plan.scope.items : [];
        return {
          state: 'succeeded',
          summary: `${items.length} gone`,
          items: items.map((item) => ({ name: item.name, outcome: 'done', note: 'gone' })),
        };
      },
    };
  }
}
