import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareCalls } from './crash/compare-calls.ts';
import { pointsOf } from './crash/crash.ts';
import { NAMED, namedPoint } from './crash/named-points.ts';
import { type DryPass, dryPass, runPoint, sayPoint } from './crash/run-point.ts';
import { openSlot, type Slot } from './crash/slot.ts';
import { type Databases, openDatabases } from './database.ts';
import { createRandom } from './random.ts';

/** The same every day; `npm run faults crash` goes through all of them. */
const SEED = 20_260_110;
const MORE = 2;

describe('killed in the middle of an incident and started again, nothing is lost and nothing happens twice', () => {
  let databases: Databases;
  let slot: Slot;
  let dry: DryPass;
  beforeAll(async () => {
    [databases, slot] = await Promise.all([openDatabases({ logStatements: true }), openSlot()]);
    dry = await dryPass(databases, slot);
  });
  afterAll(async () => {
    await slot?.stop();
    await databases?.stop();
  });

  it('the points are all there are: PostgreSQL, Slack and the target counted as many', () => {
    for (const { what, instrument, server } of compareCalls(dry)) expect(instrument, what).toBe(server);
    expect(pointsOf([dry]).length).toBeGreaterThan(300);
  });

  it.each(NAMED.map((named) => [named.name, named] as const))('%s', async (_, named) => {
    const point = namedPoint(named, pointsOf([dry]));
    if (point === null) throw new Error('the story has no such point any more');
    const { reached, wrong } = await runPoint(databases, slot, point);
    expect(wrong, sayPoint(point)).toEqual([]);
    expect(reached, sayPoint(point)).toBe(true);
  });

  it('some more, drawn with a fixed seed', { timeout: 180_000 }, async () => {
    const random = createRandom(SEED);
    const points = pointsOf([dry]);
    for (let i = 0; i < MORE; i += 1) {
      const point = random.pick(points);
      if (point === undefined) throw new Error('there are no points');
      const { wrong } = await runPoint(databases, slot, point);
      expect(wrong, sayPoint(point)).toEqual([]);
    }
  });
});
