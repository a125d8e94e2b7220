/** What every action promises (DESIGN invariants 1–3), checked over the table of kinds on real targets. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createActionKinds } from '../../src/actions/index.ts';
import type { ActionKind } from '../../src/domain/action.ts';
import type { Target } from '../../src/domain/target.ts';
import { type Bench, benches } from './benches.ts';
import type { ChildWork } from './execute-child.ts';
import { context, memoryUndo, planned } from './fixtures.ts';

const kinds = createActionKinds({ undoMaxBytes: 1024 * 1024 });

/** Destructive kinds of which a plan without an undo needs two people, and where. docs/actions.md says the same. */
const WITHOUT_UNDO: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'redis.flushdb': { dev: 2, test: 2, prod: 2 },
  'rabbitmq.purge': { prod: 2 },
  'compose.reset': { prod: 2 },
};

test('every action is held to this contract', () => {
  const without = [...kinds.keys()].filter((name) => benches[name] === undefined);
  expect(
    without.map((name) => `${name}: add a real target for it to the table of test/actions/benches.ts`),
  ).toEqual([]);
  expect(Object.keys(benches).filter((name) => !kinds.has(name))).toEqual([]);
});

describe.each([...kinds.entries()])('%s', (name, kind: ActionKind) => {
  let bench: Bench;
  let settings: unknown;
  const plan = async (changes: Partial<Target> = {}) =>
    bench.own(planned(await kind.plan({ ...bench.target, ...changes }, settings, context())));

  beforeAll(async () => {
    const start = benches[name];
    if (start === undefined) throw new Error(`no bench for ${name}`);
    bench = await start();
    settings = kind.settings.parse(bench.settings);
  }, 120_000);
  beforeEach(() => bench.fill(), 30_000);
  afterAll(() => bench?.stop(), 60_000);

  test('is named as in the table, and takes no setting that it does not know', () => {
    expect(kind.name).toBe(name);
    expect(kind.settings.safeParse({ ...bench.settings, force: true }).success).toBe(false);
  });

  test('says how many people approve it where it has no undo, when it is destructive', () => {
    if (kind.danger !== 'destructive') return;
    expect(Object.entries(kind.approvalsWithoutUndo ?? { undeclared: 0 })).toEqual(
      Object.entries(WITHOUT_UNDO[name] ?? {}),
    );
  });

  test('planning only reads, and says the same twice', async () => {
    const before = await bench.state();
    const first = await plan();
    expect(await bench.changes()).toBe(0);
    expect(await bench.state()).toEqual(before);
    const second = await plan();
    expect({ ...second, preview: [], undo: null }).toEqual({ ...first, preview: [], undo: null });
    expect(first.preview.length).toBeGreaterThan(1);
  });

  test('a plan shows no password', async () => {
    expect(JSON.stringify(await plan())).not.toContain('not-to-be-shown');
  });

  test('carries out the plan, announced exactly once', async () => {
    let announced = 0;
    const outcome = await kind.execute(
      bench.target,
      settings,
      await plan(),
      async () => {
        announced += 1;
        expect(await bench.changes()).toBe(0);
      },
      context(),
    );
    expect(outcome).toMatchObject({ state: 'succeeded' });
    const items = outcome.state === 'succeeded' ? outcome.items : [];
    expect(items.map((item) => item.outcome)).toEqual(items.map(() => 'done'));
    expect(items.length).toBeGreaterThan(0);
    expect(announced).toBe(1);
    expect(await bench.changes()).toBe(bench.changesNothing ? 0 : 1);
  });

  test('is verified on the target itself: good after the act, not good once that is spoilt', async () => {
    if (kind.verify === undefined) return;
    const approved = await plan();
    if (bench.spoil === undefined) {
      expect(await kind.verify(bench.target, settings, approved, context())).toMatchObject({ good: false });
    }
    await kind.execute(bench.target, settings, approved, async () => undefined, context());
    const after = await kind.verify(bench.target, settings, approved, context());
    expect(after).toMatchObject({ good: true, says: expect.stringMatching(/\S/u) });
    if (bench.spoil === undefined) return;
    await bench.spoil();
    expect(await kind.verify(bench.target, settings, approved, context())).toMatchObject({ good: false });
  });

  test('does nothing to a target that is another one by now', async () => {
    const approved = await plan();
    await bench.replace();
    const before = await bench.state();
    const outcome = await kind.execute(bench.target, settings, approved, unexpected, context());
    expect(outcome.state).toBe('superseded');
    expect(outcome.summary).toMatch(/^nothing was /u);
    expect(await bench.state()).toEqual(before);
  });

  test('does nothing when the act may not be announced', async () => {
    const [before, approved] = [await bench.state(), await plan()];
    const halt = () => Promise.reject(new Error('the claim is lost'));
    await expect(kind.execute(bench.target, settings, approved, halt, context())).rejects.toThrow(
      'the claim is lost',
    );
    expect(await bench.changes()).toBe(0);
    expect(await bench.state()).toEqual(before);
  });

  test('does nothing when it is stopped before, or while it announces', async () => {
    const [before, approved] = [await bench.state(), await plan()];
    const stopped = context({ signal: AbortSignal.abort() });
    await expect(kind.plan(bench.target, settings, stopped)).rejects.toThrow();
    await expect(kind.execute(bench.target, settings, approved, unexpected, stopped)).rejects.toThrow();
    const stop = new AbortController();
    const act = async () => stop.abort();
    const outcome = await kind.execute(
      bench.target,
      settings,
      approved,
      act,
      context({ signal: stop.signal }),
    );
    expect(outcome.state).toBe('failed');
    expect(await bench.changes()).toBe(0);
    expect(await bench.state()).toEqual(before);
  });

  test('throws or refuses when the target can not be reached, and says nothing of its password', async () => {
    const { target: gone, says } = bench.gone ?? {
      target: { url: 'redis://:not-to-be-shown@127.0.0.1:1', dockerHost: 'tcp://127.0.0.1:1' },
      says: /ECONNREFUSED/u,
    };
    const approved = await plan();
    const ends = await Promise.allSettled([
      plan(gone),
      kind.execute({ ...bench.target, ...gone }, settings, approved, unexpected, context()),
    ]);
    for (const end of ends) {
      const said = end.status === 'rejected' ? String(end.reason) : JSON.stringify(end.value);
      expect(said).toMatch(says);
      expect(said).not.toContain('not-to-be-shown');
      expect(said).not.toContain('"state":"succeeded"');
    }
  });

  test('refuses to plan on a target that is marked for another environment than the catalog says, or not the sandbox', async () => {
    if (name === 'redis.flushdb') {
      expect(await kind.plan({ ...bench.target, sandboxOnly: true }, settings, context())).toMatchObject({
        refused: expect.stringContaining('local mode only changes the sandbox'),
      });
    }
    const approved = { ...(await plan()), marker: 'prod' };
    const outcome = await kind.execute(bench.target, settings, approved, unexpected, context());
    expect(outcome).toMatchObject({
      state: 'superseded',
      summary: expect.stringContaining('marker was prod'),
    });
  });

  test('an undo that can not be kept is a refusal, and nothing has happened', async () => {
    const [before, approved] = [await bench.state(), await plan()];
    if (kind.makeUndo === undefined) {
      expect(approved.undo.kind).toBe('none');
      return;
    }
    const made = await kind.makeUndo(bench.target, settings, approved, memoryUndo(64), context());
    expect(made).toMatchObject({ refused: expect.stringContaining('the undo could not be kept') });
    expect(await bench.changes()).toBe(0);
    expect(await bench.state()).toEqual(before);
  });

  test('killed before the act is allowed: untouched', async () => {
    const before = await bench.state();
    const child = startChild({
      action: name,
      target: bench.target,
      settings: bench.settings,
      plan: await plan(),
      hold: true,
    });
    await firstLine(child);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await bench.changes()).toBe(0);
    expect(await bench.state()).toEqual(before);
  });

  test('killed in the middle of the act: untouched or done, never twice', async () => {
    const before = await bench.state();
    const child = startChild({
      action: name,
      target: bench.target,
      settings: bench.settings,
      plan: await plan(),
      hold: false,
    });
    await firstLine(child);
    child.kill('SIGKILL');
    await once(child, 'exit');
    // The target may still be at it: both are read again until they belong together.
    let [changes, after]: [number, unknown] = [-1, null];
    while (changes !== (await bench.changes())) {
      changes = await bench.changes();
      after = await bench.state();
    }
    expect(changes).toBeLessThanOrEqual(1);
    if (changes === 0) expect(after).toEqual(before);
    else if (bench.left === undefined) expect(Object.keys(Object(after))).toEqual([]);
    else expect(after).toSatisfy(bench.left);
  });
});

async function unexpected(): Promise<void> {
  throw new Error('it announced an act that must not be');
}

function startChild(work: ChildWork): ChildProcess {
  const script = new URL('./execute-child.ts', import.meta.url).pathname;
  return spawn(process.execPath, [script, JSON.stringify(work)], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function firstLine(child: ChildProcess): Promise<void> {
  if (child.stdout === null) throw new Error('the child has no output');
  const [line] = await once(createInterface(child.stdout), 'line', { signal: AbortSignal.timeout(20_000) });
  expect(line).toBe('act');
}
