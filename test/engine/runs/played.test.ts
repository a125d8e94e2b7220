/** What a played test shows is what the bot does: the same made-up runbooks, played and run on a real journal. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hasEnded } from '../../../src/domain/lives.ts';
import { type Played, playRunbook } from '../../../src/domain/play-runbook.ts';
import { decideRequest } from '../../../src/engine/changes/decide-request.ts';
import { executeAction } from '../../../src/engine/changes/execute-action.ts';
import { pinnedRunbook } from '../../../src/engine/core/definitions.ts';
import type { Engine } from '../../../src/engine/core/engine.ts';
import { resolveIn } from '../../../src/engine/core/resolve.ts';
import { askOption } from '../../../src/engine/incidents/ask-option.ts';
import { askRun } from '../../../src/engine/incidents/ask-run.ts';
import { askTask, finishTask } from '../../../src/engine/runs/ask-task.ts';
import { createProbeWorker } from '../../../src/engine/runs/execute-probe-step.ts';
import { watchMitigations } from '../../../src/engine/runs/watch-mitigation.ts';
import { readIncident } from '../../../src/journal/incidents.ts';
import { planReading } from '../../../src/journal/readings.ts';
import { lastOptionRun, type RunRow, readRun, readRuns, readWithChecks } from '../../../src/journal/runs.ts';
import { readSteps, type StepRow } from '../../../src/journal/steps.ts';
import { ANYONE, LEAD, ON_CALL, SECOND_LEAD } from '../stand/catalog.ts';
import { openStand, type Stand } from '../stand/open-stand.ts';
import { aStory, type Story, storyKinds, type World } from '../stand/story.ts';

/** What both must agree on. */
type Told = Pick<
  Played,
  'offers' | 'proposed' | 'diagnosis' | 'condition' | 'asked' | 'steps' | 'verify' | 'state'
>;

/** `SEED=… STORIES=… npx vitest run test/engine/runs/played.test.ts` tells the same ones again. */
const RUNS = Number(process.env.STORIES ?? 60);
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const EVERY_MS = 30_000;

const world: World = {
  now: 0,
  script: { answers: {}, expression: [], actions: {}, choose: null, decision: null },
};
let stand: Stand;
let engine: Engine;
let told = 0;
beforeAll(async () => {
  stand = await openStand({ conditionEveryMs: EVERY_MS });
  engine = stand.engine;
});
afterAll(() => stand.close());

/** The shop with this runbook alone. */
function withRunbook({ runbook }: Story): Engine {
  const { catalog } = stand.engine;
  const systems = catalog.systems.map((system) => ({ ...system, runbooks: [runbook] }));
  return { ...stand.engine, ...storyKinds(world), catalog: { ...catalog, systems } };
}

const stepsOf = (runs: readonly RunRow[]): Promise<readonly StepRow[]> =>
  readSteps(
    engine.journal.pool,
    runs.map(({ id }) => id),
  );

/** Does what is due in a run until nothing more is; people do and decide what they are asked for. */
async function work(runId: number, asked: Record<string, 'on-call' | 'rollback-authority'>): Promise<void> {
  const look = createProbeWorker(engine);
  for (;;) {
    const run = await readRun(engine.journal.pool, runId);
    const steps = await stepsOf(run === null ? [] : [run]);
    const due = steps.filter(({ state, due: isDue }) => state === 'pending' && isDue);
    if (due.length === 0) return;
    for (const step of due) await take(step);
  }

  async function take(step: StepRow): Promise<void> {
    switch (step.type) {
      case 'probe':
      case 'condition':
        expect(await look(step.id)).toBe(true);
        return;
      case 'task':
        await askTask(engine, step.id);
        expect(await finishTask(engine, { stepId: step.id }, ANYONE)).toMatchObject({ ok: true });
        return;
      case 'action': {
        await executeAction(engine, step.id);
        const [request] = await stand.rows<{ danger: string }>(
          `select plan->>'danger' as danger from requests where step_id = $1`,
          [step.id],
        );
        if (request === undefined) return;
        asked[step.definition.key] = request.danger === 'destructive' ? 'rollback-authority' : 'on-call';
        await decide(step.id, request.danger);
        await executeAction(engine, step.id);
        return;
      }
      default:
        step satisfies never;
    }
  }
}

/** Whoever is asked decides, and a second one where it takes two; someone on call has no say in what destroys. */
async function decide(stepId: number, danger: string): Promise<void> {
  const decision = world.script.decision;
  if (decision === null) return;
  const ask = (person: string) =>
    decideRequest(engine, { by: { stepId }, person, verdict: decision.verdict, reason: null });
  if (danger === 'disruptive') {
    expect(await ask(ON_CALL)).toMatchObject({ ok: true });
    return;
  }
  if (decision.verdict === 'approve') expect(await ask(ON_CALL)).toMatchObject({ ok: false });
  expect(await ask(LEAD)).toMatchObject({ ok: true });
  await ask(SECOND_LEAD);
}

/** A recovery or an operation, and the checks after it; whether all of it was good. */
async function workThrough(runId: number, seen: Seen): Promise<boolean> {
  await work(runId, seen.asked);
  const runs = await readWithChecks(engine.journal.pool, runId);
  const checks = runs.filter(({ id }) => id !== runId);
  for (const check of checks) await work(check.id, seen.asked);
  for (const step of await stepsOf(runs)) {
    const { state } = step;
    if (step.type === 'condition') continue;
    if (step.runId === runId) seen.steps[step.definition.key] = played(state);
    else seen.verify[step.definition.key] = state === 'succeeded' ? 'succeeded' : 'failed';
  }
  const ended = await readWithChecks(engine.journal.pool, runId);
  return ended.every(({ state }) => state === 'succeeded');
}

interface Seen {
  readonly asked: Record<string, 'on-call' | 'rollback-authority'>;
  readonly steps: Record<string, Played['steps'][string]>;
  readonly verify: Record<string, 'succeeded' | 'failed'>;
}

function played(state: StepRow['state']): Played['steps'][string] {
  if (state === 'running' || state === 'interrupted') throw new Error(`a step is ${state}`);
  return state;
}

/** Its alerts are read every half minute, until it is mitigated or no answer changes any more. */
async function readOn(incidentId: number): Promise<string> {
  const last = Math.max(
    ...Object.values(world.script.answers.cache ?? {})
      .flat()
      .map(({ atMs }) => atMs),
  );
  for (;;) {
    await stand.rows('delete from readings where incident_id <> $1', [incidentId]);
    const { text, values } = planReading(incidentId, 'as before');
    await stand.rows(text, values);
    await watchMitigations(engine);
    const state = (await readIncident(engine.journal.pool, incidentId))?.state ?? 'gone';
    if (state === 'mitigated' || world.now >= last) return state;
    world.now += EVERY_MS;
  }
}

async function runIncident({ runbook, script }: Story, seen: Seen): Promise<Told> {
  const { pool } = engine.journal;
  told += 1;
  const incidentId = await stand.fire('Story', { service: 'cache', n: String(told) }, engine);
  const [diagnosis] = await readRuns(pool, incidentId);
  if (diagnosis === undefined) throw new Error('it is not diagnosed');
  await work(diagnosis.id, seen.asked);
  const found = await stepsOf([diagnosis]);
  expect(found.every(({ state }) => hasEnded(state))).toBe(true);
  const isAsked = await Promise.all(
    runbook.recover.map(async ({ key }) => (await lastOptionRun(pool, incidentId, key)) !== null),
  );
  const proposed = runbook.recover.filter((_, i) => isAsked[i]);
  const chosen = proposed.length > 0 ? proposed : runbook.recover.filter(({ key }) => key === script.choose);
  let state = 'firing';
  for (const { key } of chosen) {
    if (proposed.length === 0) {
      const ask = { incidentId, optionKey: key, person: ANYONE, askedKey: `story-${told}` };
      expect(await askOption(engine, ask)).toMatchObject({ ok: true });
    }
    const run = await lastOptionRun(pool, incidentId, key);
    await workThrough(run?.id ?? 0, seen);
    state = await readOn(incidentId);
  }
  const hash = (await readIncident(pool, incidentId))?.runbookHash ?? '';
  const condition = found.find((step) => step.type === 'condition')?.result;
  return {
    offers: (await pinnedRunbook(pool, hash)).recover.map(({ title }) => title),
    proposed: proposed.map(({ title }) => title),
    diagnosis: Object.fromEntries(
      found.flatMap((step) =>
        step.type === 'probe' ? [[step.definition.key, step.result?.state ?? 'unknown']] : [],
      ),
    ),
    condition: condition?.holds ?? null,
    ...seen,
    state: state === 'mitigated' ? 'mitigated' : 'firing',
  };
}

async function runOperation({ runbook }: Story, seen: Seen): Promise<Told> {
  told += 1;
  const asked = await askRun(engine, {
    ...{ runbookId: runbook.id, params: {}, person: ANYONE, askedKey: `story-${told}` },
  });
  expect(asked).toMatchObject({ ok: true });
  const isGood = await workThrough(asked.runId ?? 0, seen);
  return {
    ...{ offers: [], proposed: [], diagnosis: {}, condition: null },
    ...seen,
    state: isGood ? 'done' : 'failed',
  };
}

it('a story comes to the same states, played and on a real journal', { timeout: 600_000 }, async () => {
  const property = fc.asyncProperty(aStory, async (story) => {
    world.now = 0;
    world.script = story.script;
    engine = withRunbook(story);
    const all = playRunbook(story.runbook, story.script, (step) => resolveIn(engine, 'shop', step));
    const seen: Seen = { asked: {}, steps: {}, verify: {} };
    const run = story.runbook.steps.length > 0 ? runOperation : runIncident;
    const wanted: Told = await run(story, seen);
    const { offers, proposed, diagnosis, condition, asked, steps, verify, state } = all;
    expect({ offers, proposed, diagnosis, condition, asked, steps, verify, state }).toEqual(wanted);
  });
  console.info(`seed ${SEED}`);
  await fc.assert(property, { seed: SEED, numRuns: RUNS, endOnFailure: false });
});
