/** The Redis probes against real Redis servers. */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../servers/redis.ts';
import { ask } from './asking.ts';

const LIMIT = 64 * 1_048_576;

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis({
    password: 'open-sesame',
    args: ['--maxmemory', String(LIMIT), '--maxmemory-policy', 'noeviction'],
  });
  const redis = new Redis(server.url);
  await redis.mset('a', '1', 'b', '2');
  await redis.set('c', '3', 'EX', 1000);
  await redis.select(3);
  await redis.set('d', '4');
  redis.disconnect();
});
afterAll(() => server.stop());

test('a Redis that answers PONG is up', async () => {
  const result = await ask('redis.ping', server.url);
  expect(result).toMatchObject({ state: 'up', reason: null, facts: { answer: 'PONG' } });
  expect(result.latencyMs).toBeGreaterThanOrEqual(0);
});

test.each([
  ['without a password', (port: number) => `redis://127.0.0.1:${port}`],
  ['with a wrong one', (port: number) => `redis://:wrong-secret@127.0.0.1:${port}`],
])('%s it is degraded: it answers, but refuses the credentials', async (_, url) => {
  const result = await ask('redis.ping', url(server.port));
  expect(result.state).toBe('degraded');
  expect(result.reason).toMatch(/^answers, but refuses the credentials/u);
  expect(JSON.stringify(result)).not.toContain('wrong-secret');
});

test('info tells memory against its limit', async () => {
  const { state, facts, output } = await ask('redis.info', server.url, { settings: { section: 'memory' } });
  expect(state).toBe('up');
  expect(facts).toMatchObject({
    maxmemory_bytes: LIMIT,
    limit_bytes: LIMIT,
    maxmemory_policy: 'noeviction',
    role: 'master',
    evicted_keys: 0,
  });
  expect(Number(facts.used_percent)).toBeCloseTo((Number(facts.used_memory_bytes) / LIMIT) * 100, 1);
  expect(facts.run_id).toMatch(/^[0-9a-f]{40}$/u);
  expect(output).toContain('used_memory_human');
});

test('without maxmemory the machine is the limit', async () => {
  const other = await startRedis();
  try {
    const { facts } = await ask('redis.info', other.url);
    expect(facts.maxmemory_bytes).toBe(0);
    expect(Number(facts.limit_bytes)).toBeGreaterThan(LIMIT);
  } finally {
    await other.stop();
  }
});

test('a parameter that is not as expected is degraded, by its own name', async () => {
  const settings = { key: 'maxmemory-policy' };
  const found = await ask('redis.config', server.url, { settings, expect: 'allkeys-lru' });
  expect(found).toMatchObject({
    state: 'degraded',
    reason: 'maxmemory-policy is noeviction, should be allkeys-lru',
    facts: { value: 'noeviction' },
  });
  expect(await ask('redis.config', server.url, { settings, expect: 'noeviction' })).toMatchObject({
    state: 'up',
  });
});

test('parameters that hold passwords are not asked for', async () => {
  const result = await ask('redis.config', server.url, { settings: { key: 'requirepass' } });
  expect(result).toMatchObject({ state: 'unknown', latencyMs: null });
  expect(JSON.stringify(result)).not.toContain('open-sesame');
});

test('the key space is counted for each database', async () => {
  const result = await ask('redis.keyspace', server.url);
  expect(result).toMatchObject({ state: 'up', facts: { total: 4, expiring: 1, db0: 3, db3: 1 } });
});
