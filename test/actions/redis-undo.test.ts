import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRedisFlushdb } from '../../src/actions/redis-flushdb/index.ts';
import type { PlanDraft } from '../../src/domain/action.ts';
import { waitFor } from '../servers/program.ts';
import { context, memoryUndo, planned, target } from './fixtures.ts';
import { expiries, fillEveryKind, keySpace, type RedisBench, startRedisBench } from './redis-bench.ts';

const kind = createRedisFlushdb({ undoMaxBytes: 1024 * 1024 });
const none = async () => {};
const db0 = { db: 0 };

let bench: RedisBench;
beforeAll(async () => {
  bench = await startRedisBench();
}, 60_000);
afterAll(() => bench?.stop());
beforeEach(async () => {
  await bench.redis.flushall();
  await bench.redis.config('RESETSTAT');
});

const plan = async (): Promise<PlanDraft> => planned(await kind.plan(bench.target, db0, context()));

describe('the undo of a flush', () => {
  test('brings back every key of every kind, with its TTL', async () => {
    await fillEveryKind(bench.redis);
    for (let i = 0; i < 1_000; i += 1) await bench.redis.set(`many:${i}`, 'x'.repeat(1 + (i % 700)));
    await bench.redis.set('over-a-part', Buffer.alloc(300_000, 7));
    const [before, due] = [await keySpace(bench.redis), await expiries(bench.redis)];
    const approved = await plan();
    const undo = memoryUndo();
    const made = await kind.makeUndo?.(bench.target, db0, approved, undo, context());
    expect(made).toMatchObject({ entries: 1_009, summary: expect.stringMatching(/^1,009 keys, \d/u) });
    expect(await bench.writes()).toBe(1_009 + 1);
    await kind.execute(bench.target, db0, approved, none, context());
    expect(await bench.redis.dbsize()).toBe(0);
    const outcome = await kind.restore?.(bench.target, db0, undo.read(), context());
    expect(outcome).toEqual({ state: 'succeeded', summary: '1,009 keys put back', items: [] });
    expect(await keySpace(bench.redis)).toEqual(before);
    const dueNow = await expiries(bench.redis);
    expect([...due.values()].filter((at) => at > 0)).toHaveLength(2);
    // A TTL is told a moment after the time it is added to.
    for (const [key, at] of due) expect(Math.abs((dueNow.get(key) ?? 0) - at)).toBeLessThan(250);
  });

  test('has the keys that came while it was being made', async () => {
    for (const name of ['a', 'b', 'c']) await bench.redis.set(name, randomBytes(600_000));
    const undo = memoryUndo();
    const slow = {
      write: async (part: Uint8Array) => {
        if (undo.parts.length === 0) await bench.redis.set('late', '1');
        await undo.write(part);
      },
    };
    const large = createRedisFlushdb({ undoMaxBytes: 10_000_000 });
    const made = await large.makeUndo?.(bench.target, db0, await plan(), slow, context());
    expect(made).toMatchObject({ entries: 4 });
  });

  test('never overwrites what has been written since, and can be put back twice', async () => {
    await bench.redis.mset({ a: 'old', b: 'old' });
    const undo = memoryUndo();
    await kind.makeUndo?.(bench.target, db0, await plan(), undo, context());
    await bench.redis.flushdb();
    await bench.redis.set('a', 'new');
    const outcome = await kind.restore?.(bench.target, db0, undo.read(), context());
    expect(outcome).toMatchObject({
      state: 'succeeded',
      summary: '1 key put back; 1 exist already and were left as they are',
    });
    expect(await bench.redis.mget('a', 'b')).toEqual(['new', 'old']);
    const again = await kind.restore?.(bench.target, db0, undo.read(), context());
    expect(again).toMatchObject({
      state: 'succeeded',
      summary: expect.stringContaining('0 keys put back; 2 exist'),
    });
  });

  test('lets a key stay away whose time has passed meanwhile', async () => {
    await bench.redis.set('short', '1', 'PX', 700);
    const undo = memoryUndo();
    await kind.makeUndo?.(bench.target, db0, await plan(), undo, context());
    await waitFor('the key to expire', 5_000, async () => (await bench.redis.exists('short')) === 0);
    const outcome = await kind.restore?.(bench.target, db0, undo.read(), context());
    expect(outcome).toMatchObject({
      state: 'succeeded',
      summary: '0 keys put back; 1 had expired meanwhile',
    });
    expect(await bench.redis.dbsize()).toBe(0);
  });

  test('says so when it is cut off, and keeps what it could put back', async () => {
    await bench.redis.mset({ a: '1', b: '2' });
    const undo = memoryUndo();
    await kind.makeUndo?.(bench.target, db0, await plan(), undo, context());
    await bench.redis.flushdb();
    const [part] = undo.parts;
    const cut = (async function* () {
      yield (part ?? new Uint8Array()).subarray(0, -3);
    })();
    const outcome = await kind.restore?.(bench.target, db0, cut, context());
    expect(outcome).toMatchObject({ state: 'failed', summary: expect.stringContaining('it ends early') });
  });

  test('is refused on another Redis than the plan is about', async () => {
    const approved = { ...(await plan()), identity: { run_id: 'another', role: 'master', db: 0 } };
    const made = await kind.makeUndo?.(bench.target, db0, approved, memoryUndo(), context());
    expect(made).toMatchObject({ refused: expect.stringContaining('run_id was another') });
  });

  test('is refused where keys may not be copied', async () => {
    await bench.redis.set('a', '1');
    await bench.redis.call('ACL', 'SETUSER', 'nodump', 'on', '>pw', '~*', '+@all', '-dump');
    const nodump = target({ url: `redis://nodump:pw@127.0.0.1:${bench.port}` });
    const made = await kind.makeUndo?.(nodump, db0, await plan(), memoryUndo(), context());
    expect(made).toMatchObject({
      refused: expect.stringContaining('a key could not be copied: Redis said NOPERM'),
    });
    await bench.redis.call('ACL', 'DELUSER', 'nodump');
  });
});
