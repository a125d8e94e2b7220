/** A runbook with what its targets answer: made up for a property, played and run alike. */
import fc from 'fast-check';
import { z } from 'zod';
import type { ActionKind, Danger } from '../../../src/domain/action.ts';
import type { RecordedAction, RecordedAnswer, Script } from '../../../src/domain/play-runbook.ts';
import type { ProbeKind } from '../../../src/domain/probe.ts';
import type { Condition, ProbeStep, RecoverOption, Runbook, Step } from '../../../src/domain/runbook.ts';

/** The story's clock, in milliseconds: each action that is carried out takes one, and nothing else takes any. */
export interface World {
  now: number;
  script: Script;
}

const ofStep = z.strictObject({ step: z.string() });
type OfStep = z.infer<typeof ofStep>;

/** Kinds that answer what the story of `world` says of the step that asks. */
export function storyKinds(world: World): {
  readonly probeKinds: ReadonlyMap<string, ProbeKind>;
  readonly actionKinds: ReadonlyMap<string, ActionKind>;
} {
  const look: ProbeKind<OfStep> = {
    name: 'story.look',
    settings: ofStep,
    needs: 'nothing',
    facts: { used_percent: { type: 'number', unit: '%' } },
    async probe(_, { step }) {
      const all = world.script.answers.cache?.[step] ?? [];
      const found = all.filter(({ atMs }) => atMs <= world.now).at(-1);
      if (found === undefined) throw new Error(`no answer for ${step}`);
      return { state: found.state, reason: found.reason, facts: found.facts };
    },
  };
  const change = (danger: Danger): ActionKind<OfStep> => ({
    name: `story.${danger}`,
    contractVersion: 1,
    danger,
    needs: 'nothing',
    settings: ofStep,
    plan: async (_, { step }) =>
      world.script.actions[step]?.outcome === 'refused'
        ? { refused: 'the target is not as it must be' }
        : {
            identity: { id: 'one' },
            marker: null,
            scope: { kind: 'items', items: [{ id: 'a', name: 'a', note: '' }] },
            preview: [],
            undo: { kind: 'none', reason: 'nothing is kept' },
          },
    async execute(_, { step }, __, act) {
      await act();
      world.now += 1;
      const state = world.script.actions[step]?.outcome === 'failed' ? 'failed' : 'succeeded';
      return { state, summary: state, items: [] };
    },
  });
  const kinds = (['safe', 'disruptive', 'destructive'] as const).map(change);
  return {
    probeKinds: new Map([[look.name, look]]),
    actionKinds: new Map(kinds.map((kind) => [kind.name, kind])),
  };
}

const probe = (key: string): ProbeStep => ({
  ...{ key, title: null, probe: 'story.look', service: 'cache', settings: { step: key } },
  ...{ expect: null, withinMs: 0, timeoutMs: 5000 },
});

const aFinding = fc.record({
  state: fc.constantFrom('up', 'up', 'degraded', 'down', 'unknown'),
  used: fc.constantFrom(50, 90, 90, null),
});
/** What is answered from the start on, after so many actions, and half a minute later. */
const anAnswer: fc.Arbitrary<readonly RecordedAnswer[]> = fc
  .tuple(aFinding, fc.array(fc.tuple(fc.constantFrom(1, 2, 3, 30_001), aFinding), { maxLength: 3 }))
  .map(([first, later]) =>
    [[0, first] as const, ...later]
      .sort(([a], [b]) => a - b)
      .map(([atMs, { state, used }]) => ({
        ...{ atMs, state, reason: state === 'up' ? null : state },
        facts: used === null ? {} : { used_percent: used },
      })),
  );

const aStep = fc.record({
  type: fc.constantFrom('safe', 'disruptive', 'destructive', 'probe', 'task'),
  outcome: fc.constantFrom('succeeded', 'succeeded', 'succeeded', 'failed', 'refused'),
  /** Which one before it, counted from the first, it takes back. */
  resumes: fc.option(fc.nat(3), { freq: 2 }),
  answer: anAnswer,
});
type Drawn = typeof aStep extends fc.Arbitrary<infer T> ? T : never;

const someSteps = fc.array(aStep, { minLength: 1, maxLength: 4 });

function stepsOf(prefix: string, drawn: readonly Drawn[]): readonly Step[] {
  return drawn.map(({ type, resumes }, i): Step => {
    const key = `${prefix}${i}`;
    if (type === 'task') return { type, key, title: null, task: 'Look at it by hand' };
    if (type === 'probe') return { type, ...probe(key) };
    const before = resumes !== null && resumes < i && drawn[resumes]?.type !== 'probe';
    return {
      ...{ type: 'action', key, title: null, action: `story.${type}`, service: 'cache' },
      ...{ settings: { step: key }, danger: null, timeoutMs: 5000 },
      ...(before ? { resumes: `${prefix}${resumes}` } : {}),
    };
  });
}

const aCondition = fc.record({
  holds: fc.constantFrom<Condition['holds']>(
    { used_percent: '>= 85' },
    { used_percent: '>= 85' },
    'down',
    'not up',
  ),
  mitigates: fc.constantFrom(true, true, true, false),
});

export interface Story {
  readonly runbook: Runbook;
  readonly script: Script;
}

/** Of an incident, with options; or of an operation, with steps of its own. */
export const aStory: fc.Arbitrary<Story> = fc
  .record({
    isOperation: fc.constantFrom(true, false, false),
    condition: fc.option(aCondition, { freq: 4 }),
    conditionAnswer: anAnswer,
    diagnose: fc.array(anAnswer, { maxLength: 2 }),
    verify: fc.array(anAnswer, { maxLength: 2 }),
    steps: someSteps,
    options: fc.array(fc.record({ propose: fc.boolean(), steps: someSteps }), { minLength: 1, maxLength: 3 }),
    choose: fc.option(fc.nat(2), { freq: 4 }),
    verdict: fc.constantFrom('approve', 'approve', 'approve', 'deny', null),
  })
  .map((drawn) => {
    const lists = drawn.isOperation ? [drawn.steps] : drawn.options.map(({ steps }) => steps);
    const steps = lists.map((list, i) => stepsOf(`o${i}s`, list));
    const recover = drawn.options.map(
      ({ propose }, i): RecoverOption => ({
        ...{ key: `o${i}`, title: `Option ${i}`, propose, caution: null, steps: steps[i] ?? [] },
      }),
    );
    const condition =
      drawn.condition === null || drawn.isOperation
        ? null
        : {
            ...{ probe: 'story.look', service: 'cache', settings: { step: 'condition' }, withinMs: 0 },
            ...{ holds: drawn.condition.holds, says: 'it is {state}' },
            ...(drawn.condition.mitigates ? {} : { mitigates: false as const }),
          };
    const checks = drawn.isOperation ? [] : drawn.diagnose;
    const runbook: Runbook = {
      ...{ id: 'shop/story', version: 1, system: 'shop', title: 'A story', symptoms: [], impact: [] },
      triggers: drawn.isOperation ? [] : [[{ label: 'alertname', op: '=', value: 'Story' }]],
      ...{ condition, diagnose: checks.map((_, i) => probe(`d${i}`)), params: [] },
      steps: drawn.isOperation ? (steps[0] ?? []) : [],
      recover: drawn.isOperation ? [] : recover,
      ...{ verify: drawn.verify.map((_, i) => probe(`v${i}`)), notes: [], links: [], escalate: null },
    };
    const ofSteps = lists.flatMap((list, i) => list.map((step, j) => [`o${i}s${j}`, step] as const));
    const cache = Object.fromEntries([
      ['condition', drawn.conditionAnswer] as const,
      ...checks.map((answer, i) => [`d${i}`, answer] as const),
      ...drawn.verify.map((answer, i) => [`v${i}`, answer] as const),
      ...ofSteps.map(([key, { answer }]) => [key, answer] as const),
    ]);
    const actions = Object.fromEntries(
      ofSteps.map(([key, { outcome }]): [string, RecordedAction] => [key, { outcome, takesMs: 1 }]),
    );
    const decision = drawn.verdict === null ? null : { verdict: drawn.verdict, afterMs: 0 };
    const choose = drawn.choose === null ? null : `o${drawn.choose}`;
    return { runbook, script: { answers: { cache }, expression: [], actions, choose, decision } };
  });
