/** H1: the Redis that the bot queues on is never flushed, whatever leads to it; and a flush is looked at afterwards. */
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createRedisFlushdb } from '../../src/actions/redis-flushdb/index.ts';
import type { ActionContext } from '../../src/domain/action.ts';
import { readIdentity } from '../../src/journal/identity.ts';
import { readSelf } from '../../src/self-identity.ts';
import { testDatabase } from '../servers/postgres.ts';
import { startProxy } from '../servers/proxy.ts';
import { context, planned } from './fixtures.ts';
import { fillEveryKind, PASSWORD, type RedisBench, startRedisBench } from './redis-bench.ts';

const kind = createRedisFlushdb({ undoMaxBytes: 1024 * 1024 });
let bench: RedisBench;
beforeAll(async () => {
  bench = await startRedisBench();
}, 60_000);
beforeEach(async () => {
  await bench.redis.flushall();
  await fillEveryKind(bench.redis);
});
afterAll(() => bench?.stop());

const selfWith = (redisUrl: string): Promise<ActionContext['self']> =>
  readSelf(redisUrl, { query: () => Promise.reject(new Error('no journal here')) }, []);
const refusal = async (url: string, self: ActionContext['self'], db = 0): Promise<string> => {
  const found = await kind.plan({ ...bench.target, url }, { db }, context({ self }));
  return 'refused' in found ? found.refused : 'planned';
};

test('the queue’s own Redis is refused by name, by address, by another port, and in every database of it', async () => {
  const way = await startProxy(bench.port);
  try {
    const self = await selfWith(bench.url);
    for (const host of [`127.0.0.1:${bench.port}`, `localhost:${bench.port}`, `127.0.0.1:${way.port}`])
      for (const db of [0, 5])
        expect(await refusal(`redis://:${PASSWORD}@${host}`, self, db)).toContain(
          "holds the bot's own queue",
        );
    // The queue itself reached by another way changes nothing.
    const other = await selfWith(`redis://:${PASSWORD}@localhost:${way.port}`);
    expect(await refusal(bench.url, other)).toContain("holds the bot's own queue");
  } finally {
    way.cut();
  }
});

test('a plan that was approved before is refused at the act, and nothing goes', async () => {
  const approved = planned(await kind.plan(bench.target, { db: 0 }, context()));
  const self = await selfWith(bench.url);
  const keys = await bench.redis.dbsize();
  const outcome = await kind.execute(
    bench.target,
    { db: 0 },
    approved,
    async () => undefined,
    context({ self }),
  );
  expect(outcome).toMatchObject({ state: 'superseded' });
  expect(await bench.redis.dbsize()).toBe(keys);
});

test('another Redis is not refused; with the queue away nobody can tell', async () => {
  const other = await startRedisBench();
  try {
    expect(await refusal(bench.url, await selfWith(other.url))).toBe('planned');
  } finally {
    await other.stop();
  }
  expect(await refusal(bench.url, await selfWith('redis://127.0.0.1:1'))).toContain("can't be told");
});

test('after a flush an empty database is good, and so is one with only what was written since', async () => {
  const approved = planned(await kind.plan(bench.target, { db: 0 }, context()));
  await kind.execute(bench.target, { db: 0 }, approved, async () => undefined, context());
  const check = () => kind.verify?.(bench.target, { db: 0 }, approved, context());
  expect(await check()).toEqual({ good: true, says: 'db 0 is empty' });
  await bench.redis.set('session:new', '1');
  expect(await check()).toEqual({ good: true, says: 'db 0 holds 1 key, written since' });
});

test('a key that has lain there for long was there before: the flush did not empty it', async () => {
  const approved = planned(await kind.plan(bench.target, { db: 0 }, context()));
  await bench.redis.flushall();
  const source = new Redis(bench.url, { db: 1 });
  try {
    await source.set('old', '1');
    const dump = await source.dumpBuffer('old');
    // RESTORE … IDLETIME: as if nobody had touched it for an hour.
    await bench.redis.call('RESTORE', 'old', 0, dump ?? '', 'IDLETIME', 3600);
  } finally {
    source.disconnect();
  }
  expect(await kind.verify?.(bench.target, { db: 0 }, approved, context())).toEqual({
    good: false,
    says: '1 key in db 0 from before the flush',
  });
});

test('the journal is known by its cluster and its database, not by its address', async () => {
  const identity = async (url: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return readIdentity(client).finally(() => client.end());
  };
  const [one, two] = [await testDatabase(), await testDatabase()];
  const first = await identity(one.url);
  expect(await identity(one.url.replace('127.0.0.1', 'localhost'))).toEqual(first);
  const second = await identity(two.url);
  expect(second.systemIdentifier).toBe(first.systemIdentifier);
  expect(second.oid).not.toBe(first.oid);
});
