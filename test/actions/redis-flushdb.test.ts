import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRedisFlushdb } from '../../src/actions/redis-flushdb/index.ts';
import type { PlanDraft } from '../../src/domain/action.ts';
import { OutcomeUnknown } from '../../src/domain/outcome-unknown.ts';
import { waitFor } from '../servers/program.ts';
import { startRedis } from '../servers/redis.ts';
import { context, planned, target } from './fixtures.ts';
import { fillEveryKind, PASSWORD, type RedisBench, startRedisBench } from './redis-bench.ts';

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
  for (const user of ['pageturner-sandbox', 'pageturner-env-dev', 'pageturner-env-prod']) {
    await bench.redis.call('ACL', 'DELUSER', user);
  }
  await bench.redis.config('RESETSTAT');
});

const plan = async (settings = db0): Promise<PlanDraft> =>
  planned(await kind.plan(bench.target, settings, context()));
const refusal = async (changes = {}, self = context().self): Promise<string> => {
  const result = await kind.plan({ ...bench.target, ...changes }, db0, context({ self }));
  return 'refused' in result ? result.refused : 'planned';
};

describe('the plan of a flush', () => {
  test('says what would go: kinds, names, TTLs, and no value', async () => {
    await fillEveryKind(bench.redis);
    await bench.redis.set('token:1', 'a-secret-value');
    const { preview, scope, undo, marker } = await plan();
    const text = preview.join('\n');
    expect(scope).toEqual({ kind: 'keyspace', name: 'db0', keys: 9, mayGrowTo: 109 });
    expect(undo).toMatchObject({ kind: 'made' });
    expect(marker).toBeNull();
    expect(text).toContain(`redis://127.0.0.1:${bench.port} · Redis 7`);
    expect(text).toContain('goes: 9 keys');
    expect(text).toMatch(/kinds: string 4, hash 1, list 1, set 1, stream 1, zset 1/u);
    expect(text).toContain('22 % have a TTL');
    expect(text).toContain('session:* 1');
    expect(text).not.toContain('a-secret-value');
    expect(text).not.toContain('sample of');
  });

  test('is of the database that the settings name, whatever the URL says', async () => {
    await bench.redis.set('in-db-0', '1');
    const odd = { ...bench.target, url: `${bench.url}/0?db=0&retryStrategy=1` };
    const made = planned(await kind.plan(odd, { db: 3 }, context()));
    expect(made.scope).toMatchObject({ name: 'db3', keys: 0 });
    expect(made.preview.join('\n')).toContain('stays: db0 (1 key)');
    expect(await kind.execute(odd, { db: 3 }, made, none, context())).toMatchObject({ state: 'succeeded' });
    expect(await bench.redis.dbsize()).toBe(1);
  });

  test('says when it has looked at a part alone, and lets the key count grow by a tenth', async () => {
    const pipeline = bench.redis.pipeline();
    for (let i = 0; i < 12_000; i += 1) pipeline.set(`cache:page:${i}`, 'x', 'EX', 600);
    await pipeline.exec();
    const { preview, scope } = await plan();
    expect(scope).toMatchObject({ keys: 12_000, mayGrowTo: 13_200 });
    expect(preview.join('\n')).toContain('a sample of 10,000 of 12,000 keys');
    expect(preview.join('\n')).toContain('cache:page:* 10,000');
    expect(await bench.redis.object('FREQ', 'cache:page:1').catch(() => 'not counted')).toBe('not counted');
  });

  test('has no undo when the keys are larger than it may be', async () => {
    await bench.redis.set('large', Buffer.alloc(2 * 1024 * 1024));
    expect((await plan()).undo).toEqual({
      kind: 'none',
      reason: 'no undo: the keys are larger than the 1.0 MiB that UNDO_MAX_BYTES allows',
    });
  });

  test('is refused for the Redis that the bot queues on, by whatever address', async () => {
    const runId = /run_id:(\w+)/u.exec(await bench.redis.info('server'))?.[1] ?? '';
    const self = { ...context().self, queueRedisRunId: async () => runId };
    const byName = { url: bench.url.replace('127.0.0.1', 'localhost') };
    expect(await refusal({}, self)).toContain("holds the bot's own queue");
    expect(await refusal(byName, self)).toContain("holds the bot's own queue");
    const approved = await plan();
    expect(await kind.execute(bench.target, db0, approved, none, context({ self }))).toMatchObject({
      state: 'superseded',
    });
    const next = { ...self, queueRedisRunId: async () => 'another', queueReplicaRunIds: async () => [runId] };
    expect(await refusal({}, next)).toContain("holds the bot's own queue");
    const unsure = { ...self, queueRedisRunId: () => Promise.reject(new Error('the queue is away')) };
    expect(await refusal({}, unsure)).toContain("whether this Redis holds the bot's own queue can't be told");
  });

  test('is refused where the environment marker says otherwise', async () => {
    await bench.redis.call('ACL', 'SETUSER', 'pageturner-env-dev');
    expect((await plan()).marker).toBe('dev');
    expect(await refusal({ environment: 'prod' })).toContain('is marked dev, but the catalog says prod');
    await bench.redis.call('ACL', 'SETUSER', 'pageturner-env-prod');
    expect(await refusal()).toContain('several environment markers');
  });

  test('is unmarked where the ACL may not be read', async () => {
    await bench.redis.call('ACL', 'SETUSER', 'limited', 'on', '>pw', '~*', '+@all', '-acl');
    const limited = { url: `redis://limited:pw@127.0.0.1:${bench.port}` };
    expect(await refusal(limited)).toBe('planned');
    expect(await refusal({ ...limited, sandboxOnly: true })).toContain('local mode only changes the sandbox');
    await bench.redis.call('ACL', 'SETUSER', 'blind', 'on', '>pw', '~*', '+@read');
    expect(await refusal({ url: `redis://blind:pw@127.0.0.1:${bench.port}` })).toContain(
      'Redis refused: NOPERM',
    );
    await bench.redis.call('ACL', 'DELUSER', 'limited', 'blind');
  });

  test('is made in local mode for the sandbox alone', async () => {
    expect(await refusal({ sandboxOnly: true })).toContain('local mode only changes the sandbox');
    await bench.redis.call('ACL', 'SETUSER', 'pageturner-sandbox');
    expect(await refusal({ sandboxOnly: true })).toBe('planned');
  });

  test('is refused for a wrong password, no address, and a database that is not there', async () => {
    expect(await refusal({ url: `redis://:wrong@127.0.0.1:${bench.port}` })).toContain(
      'Redis refused: WRONGPASS',
    );
    expect(await refusal({ url: `redis://127.0.0.1:${bench.port}` })).toContain('Redis refused: NOAUTH');
    expect(await refusal({ url: null })).toContain('no address is configured');
    expect(await refusal({ url: 'mysql://127.0.0.1' })).toContain('is not a redis:// one');
  });
});

describe('other kinds of Redis', () => {
  test('a replica, a cluster node and a missing database are refused', async () => {
    const small = await startRedis({ password: PASSWORD, args: ['--databases', '4'] });
    const replica = await startRedis({
      args: ['--replicaof', '127.0.0.1', String(bench.port), '--masterauth', PASSWORD],
    });
    const cluster = await startRedis({ args: ['--cluster-enabled', 'yes'] });
    try {
      const ask = async (url: string, db: number) => {
        const result = await kind.plan(target({ url }), { db }, context());
        return 'refused' in result ? result.refused : 'planned';
      };
      expect(await ask(`redis://127.0.0.1:${replica.port}`, 0)).toContain(
        `replica of 127.0.0.1:${bench.port}`,
      );
      expect(await ask(`redis://127.0.0.1:${cluster.port}`, 0)).toContain('one node of a Redis Cluster');
      expect(await ask(`redis://:${PASSWORD}@127.0.0.1:${small.port}`, 5)).toContain(
        'DB index is out of range',
      );
    } finally {
      await Promise.all([small.stop(), replica.stop(), cluster.stop()]);
    }
  }, 60_000);
});

describe('the flush', () => {
  test('sends FLUSHDB once, to one database, and tells what came since', async () => {
    await bench.redis.mset({ a: '1', b: '2' });
    await bench.redis.select(1);
    await bench.redis.set('elsewhere', '1');
    await bench.redis.select(0);
    const outcome = await kind.execute(bench.target, db0, await plan(), none, context());
    expect(outcome).toMatchObject({ state: 'succeeded', summary: 'db 0 flushed: 2 keys removed' });
    expect((await bench.commands()).get('flushdb')).toBe(1);
    await bench.redis.select(1);
    expect(await bench.redis.dbsize()).toBe(1);
    await bench.redis.select(0);
  });

  test('is superseded when more keys are there than the plan allows', async () => {
    await bench.redis.set('a', '1');
    const approved = await plan();
    for (let i = 0; i < 101; i += 1) await bench.redis.set(`new:${i}`, '1');
    const outcome = await kind.execute(bench.target, db0, approved, none, context());
    expect(outcome).toMatchObject({ state: 'superseded', summary: expect.stringContaining('102 keys now') });
    expect((await bench.commands()).get('flushdb')).toBeUndefined();
  });

  test('failed, not unknown, when Redis says no', async () => {
    await bench.redis.set('a', '1');
    await bench.redis.call('ACL', 'SETUSER', 'reader', 'on', '>pw', '~*', '+@all', '-flushdb');
    const reader = target({ url: `redis://reader:pw@127.0.0.1:${bench.port}` });
    const outcome = await kind.execute(reader, db0, await plan(), none, context());
    expect(outcome).toMatchObject({ state: 'failed', summary: expect.stringContaining('NOPERM') });
    await bench.redis.call('ACL', 'DELUSER', 'reader');
    expect(await bench.redis.dbsize()).toBe(1);
  });

  test('is of unknown outcome when the connection is lost after it was sent, and is not sent again', async () => {
    await fillEveryKind(bench.redis);
    const approved = await plan();
    const line = await cutAfterFlush(bench.port);
    const through = { ...bench.target, url: bench.url.replace(String(bench.port), String(line.port)) };
    await expect(kind.execute(through, db0, approved, none, context())).rejects.toThrow(OutcomeUnknown);
    await waitFor(
      'FLUSHDB to reach Redis',
      5_000,
      async () => (await bench.commands()).get('flushdb') !== undefined,
    );
    expect((await bench.commands()).get('flushdb')).toBe(1);
    expect(line.connections()).toBe(1);
    await line.stop();
  });

  test('is of unknown outcome when no answer comes in time, also when it is stopped meanwhile', async () => {
    await bench.redis.set('a', '1');
    const approved = await plan();
    const stop = new AbortController();
    const pause = async () => {
      await bench.redis.client('PAUSE', 1_500, 'WRITE');
      setTimeout(() => stop.abort(), 300);
    };
    const late = kind.execute(bench.target, db0, approved, pause, context({ timeoutMs: 200 }));
    await expect(late).rejects.toThrow(OutcomeUnknown);
    await bench.redis.client('UNPAUSE');
    await bench.redis.set('a', '1');
    const stopped = kind.execute(bench.target, db0, await plan(), pause, context({ signal: stop.signal }));
    await expect(stopped).rejects.toThrow(OutcomeUnknown);
    await bench.redis.client('UNPAUSE');
  });
});

/** A line to a Redis that is cut as soon as FLUSHDB has gone through, before any answer. */
async function cutAfterFlush(redisPort: number) {
  let connections = 0;
  const server = createServer((client) => {
    connections += 1;
    const upstream = connect(redisPort, '127.0.0.1');
    let flushed = false;
    client.on('data', (data) => {
      flushed ||= data.toString('latin1').toLowerCase().includes('flushdb');
      upstream.write(data);
      if (flushed) client.destroy();
    });
    upstream.on('data', (data) => {
      if (!flushed) client.write(data);
    });
    client.on('error', () => upstream.end());
    client.on('close', () => upstream.end());
    upstream.on('error', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    connections: () => connections,
    stop: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
