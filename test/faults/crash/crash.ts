/** Kills the bot at every journal write and every call to the outside of one incident, before and after each. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { type Databases, openDatabases } from '../database.ts';
import { compareCalls } from './compare-calls.ts';
import { type DryPass, dryPass, type Point, type Result, runPoint, sayPoint } from './run-point.ts';
import { openSlot, type Slot } from './slot.ts';

export interface CrashOptions {
  /** Stories at the same time; each has servers of its own. */
  readonly parallel: number;
  /** Which of the points; all of them when absent. */
  readonly choose?: (points: readonly Point[]) => readonly Point[];
  /** Results so far are read from this file, and new ones added to it: a run that was cut off goes on. */
  readonly file: string | null;
  readonly say: (line: string) => void;
}

export interface Summary {
  readonly results: readonly Result[];
  /** Points of which the story never came by again: updates coalesce as the clock has it. */
  readonly unreached: readonly Point[];
  readonly line: string;
  readonly good: boolean;
}

/** A point that does not come in one telling may come in the next. */
const TRIES = 3;
const DRY_PASSES = 2;

export async function crash(options: CrashOptions): Promise<Summary> {
  const databases = await openDatabases({ logStatements: true });
  const slots = await Promise.all(Array.from({ length: options.parallel }, openSlot));
  try {
    const [first] = slots;
    if (first === undefined) throw new Error('at least one story at a time');
    const passes: DryPass[] = [];
    for (let i = 0; i < DRY_PASSES; i += 1) passes.push(await dryPass(databases, first));
    const seenAll = sayComparisons(passes, options.say);
    const all = pointsOf(passes);
    const chosen = options.choose?.(all) ?? all;
    options.say(`${all.length} points found, ${chosen.length} to go through`);
    const summary = await runAll(databases, slots, chosen, options);
    return { ...summary, good: summary.good && seenAll };
  } finally {
    await Promise.all(slots.map((slot) => slot.stop()));
    await databases.stop();
  }
}

function sayComparisons(passes: readonly DryPass[], say: (line: string) => void): boolean {
  let good = true;
  for (const { what, instrument, server } of passes.flatMap(compareCalls)) {
    if (instrument === server) say(`  ${what}: ${server}, and the instrument saw ${instrument}`);
    else {
      good = false;
      say(`  ${what}: ${server}, BUT the instrument saw ${instrument}`);
    }
  }
  return good;
}

/** Every point of any pass, in the order of the story. */
export function pointsOf(passes: readonly DryPass[]): readonly Point[] {
  const most = new Map<string, number>();
  for (const { points } of passes)
    for (const [label, n] of points) most.set(label, Math.max(n, most.get(label) ?? 0));
  return [...most].flatMap(([label, n]) =>
    Array.from({ length: n }, (_, i) => i + 1).flatMap((number) =>
      (['before', 'after'] as const).map((when) => ({ label, number, when })),
    ),
  );
}

async function runAll(
  databases: Databases,
  slots: readonly Slot[],
  points: readonly Point[],
  options: CrashOptions,
): Promise<Summary> {
  const known = readResults(options.file);
  const waiting = points.filter((point) => !known.has(sayPoint(point)));
  const results: Result[] = points.flatMap((point) => known.get(sayPoint(point)) ?? []);
  const unreached: Point[] = [];
  const begun = performance.now();
  let done = 0;
  const worker = async (slot: Slot): Promise<void> => {
    for (let point = waiting.shift(); point !== undefined; point = waiting.shift()) {
      const result = await tryPoint(databases, slot, point);
      done += 1;
      if (result.reached) {
        results.push(result);
        if (options.file !== null) appendFileSync(options.file, `${JSON.stringify(result)}\n`);
      } else unreached.push(point);
      const left = ((performance.now() - begun) / done) * waiting.length;
      options.say(
        `${sayResult(result)}  (${done} done, ${waiting.length} to go, about ${Math.ceil(left / 60_000)} min)`,
      );
    }
  };
  await Promise.all(slots.map(worker));
  return summarise(results, unreached);
}

async function tryPoint(databases: Databases, slot: Slot, point: Point): Promise<Result> {
  let result = await runPoint(databases, slot, point);
  for (let n = 1; n < TRIES && !result.reached && result.wrong.length === 0; n += 1)
    result = await runPoint(databases, slot, point);
  return result;
}

function readResults(file: string | null): ReadonlyMap<string, Result> {
  if (file === null || !existsSync(file)) return new Map();
  const lines = readFileSync(file, 'utf8').trim().split('\n').filter(Boolean);
  // Written by this very program.
  const results: Result[] = lines.map((line) => JSON.parse(line));
  return new Map(results.map((result) => [sayPoint(result.point), result]));
}

function sayResult({ point, reached, wrong, interrupted, ms }: Result): string {
  const state = wrong.length > 0 ? 'FAILED' : reached ? 'survived' : 'not reached';
  const more = wrong.map(({ kind, what }) => `\n    ${kind}: ${what}`).join('');
  return `${state.padEnd(11)} ${(ms / 1000).toFixed(1)} s  ${sayPoint(point)}${interrupted ? ' · interrupted, and said so' : ''}${more}`;
}

function summarise(results: readonly Result[], unreached: readonly Point[]): Summary {
  const wrong = (kind: string): number =>
    results.filter((result) => result.wrong.some((entry) => entry.kind === kind)).length;
  const survived = results.filter((result) => result.wrong.length === 0).length;
  const line = `${results.length} points, ${survived} survived, ${wrong('lost')} lost, ${wrong('twice')} twice, ${wrong('unapproved')} unapproved`;
  return { results, unreached, line, good: survived === results.length && results.length > 0 };
}
