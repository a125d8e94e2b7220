import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProbeResult } from '../../src/domain/probe.ts';
import { run } from '../../src/journal/commit.ts';
import {
  readHealthHistory,
  readHealthStates,
  recordHealth,
  thinOutHealth,
} from '../../src/journal/health-history.ts';
import { addTurns, takeTurns } from '../../src/journal/health-turns.ts';
import { type Journal, openJournal } from '../../src/journal/open-journal.ts';
import { testDatabase } from '../servers/postgres.ts';

let journal: Journal;
beforeAll(async () => {
  const { url } = await testDatabase();
  journal = await openJournal({ url, onError: () => undefined });
});
afterAll(() => journal.close());

const found = (state: ProbeResult['state'], latencyMs: number | null = 5): ProbeResult => ({
  state,
  reason: state === 'up' ? null : `is ${state}`,
  facts: {},
  latencyMs,
});
const record = (system: string, results: Readonly<Record<string, ProbeResult>>) =>
  run(journal.pool, recordHealth(system, results));
/** As if the bot had looked so many minutes ago, `up` and `down` times. */
const lookedAgo = (service: string, minutes: number, up: number, down: number) =>
  journal.pool.query(
    `insert into health_samples (system, service, bucket, up, down, worst)
     values ('past', $1, date_bin('5 minutes', now() - make_interval(mins => $2), '2000-01-01'), $3, $4,
       case when $4 > 0 then 'down' else 'up' end)`,
    [service, minutes, up, down],
  );
const rows = async (system: string) =>
  (await journal.pool.query(`select * from health_samples where system = $1 order by service`, [system]))
    .rows;

describe('what was seen', () => {
  /** Three looks; again under another name when new five minutes began between them. */
  async function threeLooks(system: string): Promise<readonly object[]> {
    await record(system, { web: found('up', 10), redis: found('up', null) });
    await record(system, { web: found('down', 300.4), redis: found('unknown', null) });
    await record(system, { web: found('degraded', 20), redis: found('up', 1) });
    const seen = await rows(system);
    return seen.length === 2 ? seen : threeLooks(`${system}-again`);
  }

  it('is one row for five minutes, with the worst state, the last reason and the longest time', async () => {
    const [redis, web] = await threeLooks('shop');
    expect(redis).toMatchObject({
      up: 2,
      unknown: 1,
      down: 0,
      worst: 'unknown',
      reason: 'is unknown',
      max_latency_ms: 1,
    });
    expect(web).toMatchObject({
      up: 1,
      degraded: 1,
      down: 1,
      worst: 'down',
      reason: 'is degraded',
      max_latency_ms: 300,
    });
  });

  it('keeps since when a state holds, through looks that find the same', async () => {
    const since = async () => (await readHealthStates(journal.pool, 'turn'))[0];
    await record('turn', { web: found('down') });
    const first = await since();
    await record('turn', { web: found('down') });
    expect(await since()).toEqual(first);
    await record('turn', { web: found('up') });
    const second = await since();
    expect(second?.state).toBe('up');
    expect(second?.since.getTime()).toBeGreaterThan(first?.since.getTime() ?? 0);
  });

  it('can be written by many at once, in any order of services', async () => {
    const names = Array.from({ length: 32 }, (_, i) => `s${i}`);
    const looks = Array.from({ length: 24 }, (_, i) =>
      Object.fromEntries((i % 2 === 0 ? names : [...names].reverse()).map((name) => [name, found('up')])),
    );
    await Promise.all(looks.map((look) => record('busy', look)));
    const total = (await rows('busy')).reduce((sum, row) => sum + row.up, 0);
    expect(total).toBe(24 * 32);
  });

  it('takes no look at nothing for something', async () => {
    await record('empty', {});
    expect(await rows('empty')).toEqual([]);
  });
});

describe('the history of a service', () => {
  it('counts every five minutes the same, however often anyone looked, and hours by their worst', async () => {
    await lookedAgo('web', 30, 100, 0);
    await lookedAgo('web', 95, 0, 1);
    await lookedAgo('web', 60 * 30, 1, 0);
    await lookedAgo('web', 60 * 31, 1, 0);
    const history = await readHealthHistory(journal.pool, 'past', 'web', new Date());
    expect(history.day).toBe(0.5);
    expect(history.month).toBe(0.75);
    expect(history.hours).toEqual([
      { ago: 0, worst: 'up' },
      { ago: 1, worst: 'down' },
    ]);
  });

  it('says nothing where nobody looked', async () => {
    const history = await readHealthHistory(journal.pool, 'past', 'nobody', new Date());
    expect(history).toEqual({ hours: [], day: null, month: null, from: null });
  });

  it('is forgotten after 30 days, and not before', async () => {
    await lookedAgo('old', 60 * 24 * 31, 1, 0);
    await lookedAgo('old', 60 * 24 * 29, 1, 0);
    expect(await thinOutHealth(journal.pool)).toBe(1);
    expect(await thinOutHealth(journal.pool)).toBe(0);
    expect((await rows('past')).filter((row) => row.service === 'old')).toHaveLength(1);
  });
});

describe('turns', () => {
  const MINUTE = 60_000;
  const names = ['a', 'b', 'c', 'd'];

  it('are spread over the time between two of them, and each is taken once, however many workers ask', async () => {
    await Promise.all([addTurns(journal.pool, names, MINUTE), addTurns(journal.pool, names, MINUTE)]);
    const taken = await Promise.all(Array.from({ length: 8 }, () => takeTurns(journal.pool, names, MINUTE)));
    expect(taken.flat()).toEqual(['a']);
    await journal.pool.query(`update health_turns set due_at = due_at - interval '45 seconds'`);
    const later = await Promise.all(Array.from({ length: 8 }, () => takeTurns(journal.pool, names, MINUTE)));
    expect(later.flat().sort()).toEqual(['b', 'c', 'd']);
  });

  it('that were missed for long are not made up for', async () => {
    await journal.pool.query(`update health_turns set due_at = now() - interval '2 days'`);
    expect(await takeTurns(journal.pool, names, MINUTE)).toHaveLength(4);
    expect(await takeTurns(journal.pool, names, MINUTE)).toHaveLength(0);
  });

  it('that were set when turns were rarer are taken now', async () => {
    await journal.pool.query(`update health_turns set due_at = now() + interval '1 hour'`);
    expect(await takeTurns(journal.pool, names, MINUTE)).toHaveLength(4);
  });
});
