/** One life of an incident with a kill in it: up to the kill with the instrument, then without it to the end. */

import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BotProcess, startBotProcess } from '../../e2e/bot.ts';
import { waitFor } from '../../servers/program.ts';
import type { Databases } from '../database.ts';
import { compareBooks, type Wrong } from './books.ts';
import { INSTRUMENT, type Slot, type World } from './slot.ts';
import { flushes, newStory, play, type Story, show } from './story.ts';

export interface Point {
  readonly label: string;
  readonly number: number;
  readonly when: 'before' | 'after';
}

export interface Result {
  readonly point: Point;
  /** False: the story went by without it (updates were coalesced otherwise): it says nothing. */
  readonly reached: boolean;
  readonly wrong: readonly Wrong[];
  readonly interrupted: boolean;
  readonly ms: number;
}

const STORY_MS = 90_000;

export const sayPoint = (point: Point): string => `${point.when} ${point.label} #${point.number}`;

/** The environment of a bot with the instrument in it. Null: it counts, and kills nowhere. */
export function instrumented(env: Readonly<Record<string, string>>, log: string, point: Point | null) {
  return {
    ...env,
    NODE_OPTIONS: `--import=${pathToFileURL(INSTRUMENT).href}`,
    FAULT_LOG: log,
    ...(point === null
      ? {}
      : { FAULT_POINT: point.label, FAULT_NUMBER: String(point.number), FAULT_WHEN: point.when }),
  };
}

export async function runPoint(databases: Databases, slot: Slot, point: Point): Promise<Result> {
  const begun = performance.now();
  const world = await slot.fresh(databases);
  const log = join(tmpdir(), `pageturner-point-${randomBytes(5).toString('hex')}`);
  const story = newStory();
  let bot: BotProcess | null = null;
  try {
    bot = await startBotProcess(instrumented(world.env, log, point));
    const ended = new AbortController();
    void bot.exited.then(() => ended.abort());
    await play(world, story, ended.signal, STORY_MS);
    if (story.done) await settle(world, story, ended.signal);
    await bot.kill('SIGKILL');
    const reached = readFileSync(log, 'utf8').includes('\nK ');
    await passTime(world);
    bot = await startBotProcess(world.env);
    const never = new AbortController();
    await play(world, story, never.signal, STORY_MS);
    await settle(world, story, never.signal);
    const wrong = await compareBooks(world, story);
    return { point, reached, wrong, interrupted: story.interrupted.size > 0, ms: performance.now() - begun };
  } catch (error) {
    const what = `${error instanceof Error ? error.message : String(error)}\n${show(world.workspace)}\n${bot?.output() ?? ''}`;
    return {
      point,
      reached: true,
      wrong: [{ kind: 'lost', what }],
      interrupted: false,
      ms: performance.now() - begun,
    };
  } finally {
    await bot?.kill('SIGKILL');
    await world.end();
    rmSync(log, { force: true });
  }
}

/**
 * The leases of a process that is dead for certain are moved into the past, instead of waiting for them: nothing but
 * time is changed.
 */
async function passTime(world: World): Promise<void> {
  await world.database.query(
    `update channels set lease_until = now() - interval '1 second' where lease_until > now()`,
  );
  await world.database.query(
    `update steps set lease_until = now() - interval '1 second' where state = 'running' and lease_until > now()`,
  );
  await world.database.query(
    `update steps set woken_at = woken_at - interval '1 minute' where state in ('pending', 'waiting')`,
  );
}

/** Until Slack shows everything there is, so that what is counted is the end and not a moment of it. */
async function settle(world: World, story: Story, signal: AbortSignal): Promise<void> {
  if (!story.done) return;
  await waitFor('Slack to show everything', 10_000, async () => {
    if (signal.aborted) return true;
    const rows = await world.database.query(
      `select 1 from messages where wanted > shown union all select 1 from executions where phase in ('preparing', 'acting')
       union all select 1 from runs where state = 'running' limit 1`,
    );
    return rows.length === 0;
  });
}

export interface DryPass {
  /** How often each point came. */
  readonly points: ReadonlyMap<string, number>;
  /** Every line of the instrument: points, and the calls that are none. */
  readonly lines: readonly string[];
  readonly statements: readonly string[];
  readonly slackCalls: number;
  readonly targetCalls: string;
  /** Of those, the ones that the harness made. */
  readonly harnessTargetCalls: number;
  readonly flushes: number;
}

/** The story with the instrument and without a kill: what there is to be killed at. */
export async function dryPass(databases: Databases, slot: Slot): Promise<DryPass> {
  const world = await slot.fresh(databases);
  const log = join(tmpdir(), `pageturner-dry-${randomBytes(5).toString('hex')}`);
  const story = newStory();
  const bot = await startBotProcess(instrumented(world.env, log, null));
  try {
    const never = new AbortController();
    await play(world, story, never.signal, STORY_MS);
    await settle(world, story, never.signal);
    await bot.kill('SIGTERM');
    const wrong = await compareBooks(world, story);
    if (wrong.length > 0) throw new Error(`the story fails without any kill: ${JSON.stringify(wrong)}`);
    const lines = readFileSync(log, 'utf8').trim().split('\n');
    const points = new Map<string, number>();
    for (const line of lines) {
      if (line.startsWith('P ')) points.set(line.slice(2), (points.get(line.slice(2)) ?? 0) + 1);
    }
    return {
      points,
      lines,
      statements: databases.statements(world.database.name),
      slackCalls: world.workspace.store.calls.length,
      targetCalls: await world.target.info('commandstats'),
      harnessTargetCalls: story.looks,
      flushes: await flushes(world),
    };
  } finally {
    await bot.kill('SIGKILL');
    await world.end();
    rmSync(log, { force: true });
  }
}
