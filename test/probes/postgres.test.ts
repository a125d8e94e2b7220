/** The PostgreSQL probes against a real server. */
import pg from 'pg';
import { beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../servers/postgres.ts';
import { waitFor } from '../servers/program.ts';
import { ask } from './asking.ts';
import { openSockets } from './resources.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});

test('a server that answers is up and closes behind us', async () => {
  const before = openSockets();
  const result = await ask('postgres.ping', database.url);
  expect(result).toMatchObject({ state: 'up', reason: null, facts: { in_recovery: false } });
  await waitFor('no socket', 2000, () => (openSockets() <= before ? 'closed' : null));
});

test('a wrong password is degraded: it answers, but refuses the credentials', async () => {
  const url = new URL(database.url);
  url.password = 'wrong-secret';
  const result = await ask('postgres.ping', url.href);
  expect(result).toMatchObject({
    state: 'degraded',
    reason: 'answers, but refuses the credentials (PostgreSQL 28P01)',
  });
});

test('a right that the role lacks is not permitted, which says nothing against its credentials', async () => {
  const result = await ask('postgres.query', database.url, { settings: { sql: 'table pg_authid' } });
  expect(result).toMatchObject({
    state: 'degraded',
    reason: 'answers, but this is not permitted (permission denied for table pg_authid)',
  });
});

test('a database that is missing is degraded, and said', async () => {
  const url = new URL(database.url);
  url.pathname = '/nowhere';
  const result = await ask('postgres.ping', url.href);
  expect(result.state).toBe('degraded');
  expect(result.reason).toMatch(/"nowhere" does not exist/u);
});

test('connections are counted by state, and long statements are shown', async () => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const slow = client.query('select pg_sleep(4) /* the slow one */');
  try {
    const settings = { longSeconds: 1 };
    const result = await waitFor('a statement of more than a second', 4000, async () => {
      const found = await ask('postgres.connections', database.superuserUrl, { settings });
      // Others on the same server may have long ones too.
      return found.output?.includes('the slow one') ? found : null;
    });
    expect(result.state).toBe('up');
    expect(Number(result.facts.active)).toBeGreaterThan(0);
    expect(Number(result.facts.max_connections)).toBeGreaterThan(10);
    expect(result.output).toContain('the slow one');
  } finally {
    await slow;
    await client.end();
  }
});

test('connections above their bound are degraded', async () => {
  const clients = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      return client;
    }),
  );
  const result = await ask('postgres.connections', database.url, { settings: { maxPercent: 1 } });
  expect(result).toMatchObject({ state: 'degraded' });
  expect(result.reason).toMatch(/of \d+ connections .* more than 1 %/u);
  await Promise.all(clients.map((client) => client.end()));
});

test('a query shows its rows, cut to what was asked for', async () => {
  const settings = { sql: 'select n, n * 2 as twice from generate_series(1, 100) n', maxRows: 3 };
  const result = await ask('postgres.query', database.url, { settings });
  expect(result).toMatchObject({ state: 'up', facts: { value: 1, rows: 3, more: true } });
  expect(result.output).toBe('n | twice\n1 | 2\n2 | 4\n3 | 6');
});

test.each([
  ['writes', 'create table t (n int)'],
  ['ends the transaction and goes on', 'commit; create table t (n int)'],
])('a query that %s changes nothing', async (_, sql) => {
  const result = await ask('postgres.query', database.url, { settings: { sql } });
  expect(result.state).toBe('degraded');
  const tables = await ask('postgres.query', database.url, {
    settings: { sql: `select count(*)::int from pg_tables where tablename = 't'` },
  });
  expect(tables.facts.value).toBe(0);
});

test('a statement without end is ended by the server too', async () => {
  const settings = { sql: `select pg_sleep(60) /* without end */` };
  const result = await ask('postgres.query', database.url, { settings, timeoutMs: 500 });
  expect(result).toMatchObject({ state: 'down', reason: 'timed out after 500 ms' });
  await waitFor('the server to end it', 5000, async () => {
    const left = await ask('postgres.query', database.superuserUrl, {
      settings: {
        sql: `select count(*)::int from pg_stat_activity where query like '%without end%' and state = 'active' and pid <> pg_backend_pid()`,
      },
    });
    return left.facts.value === 0 ? 'ended' : null;
  });
});
