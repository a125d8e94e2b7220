/** postgres.query against a real PostgreSQL: it reads, in bounds, and can do nothing else. */
import { beforeAll, expect, test } from 'vitest';
import { createPostgresQuery } from '../../src/actions/postgres-query.ts';
import { ask } from '../probes/asking.ts';
import { type TestDatabase, testDatabase } from '../servers/postgres.ts';
import { runSql } from '../servers/postgres-debian.ts';
import { waitFor } from '../servers/program.ts';
import { context, planned, target } from './fixtures.ts';

const kind = createPostgresQuery();
let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await runSql(
    database.ownerUrl,
    'create table t (n int)',
    'insert into t select generate_series(1, 500)',
    'grant select, insert, update, delete on t to public',
  );
});

async function run(settings: object, more = {}) {
  const chosen = kind.settings.parse(settings);
  const where = target({ service: 'postgres', url: database.url });
  return kind.execute(
    where,
    chosen,
    planned(await kind.plan(where, chosen, context())),
    async () => undefined,
    context(more),
  );
}

test('shows rows as a table with columns in line, and says when there are more', async () => {
  expect(await run({ sql: `select n, 'row ' || n as name from t order by n`, max_rows: 2 })).toMatchObject({
    state: 'succeeded',
    summary: '2 rows, and there are more (max_rows is 2)',
    output: 'n | name\n1 | row 1\n2 | row 2',
  });
  expect(await run({ sql: 'select n from t', max_rows: 500 })).toMatchObject({ summary: '500 rows' });
});

test('cuts wide values, keeps one line a row, and hides the address’s password', async () => {
  const secret = new URL(database.url).password;
  const outcome = await run({
    sql: `select repeat('x', 500) as wide, E'a\\nb' as two, '${secret}' as secret, null as none`,
  });
  const output = 'output' in outcome ? (outcome.output ?? '') : '';
  expect(output.split('\n')).toHaveLength(2);
  expect(output).toContain(`${'x'.repeat(59)}…`);
  expect(output).toContain('a b');
  expect(output.split('\n')[1]).not.toContain(secret);
});

test('fetches no more than it shows: a result without end costs nothing', async () => {
  const outcome = await run({
    sql: 'select a.n, repeat(md5(b.n::text), 100) from t a, t b, t c, t d',
    max_rows: 3,
  });
  expect(outcome).toMatchObject({
    state: 'succeeded',
    summary: '3 rows, and there are more (max_rows is 3)',
  });
});

test.each([
  ['writes', 'insert into t values (0) returning n'],
  ['ends the transaction', 'commit; insert into t values (0)'],
  ['makes it writable', 'set transaction read write; insert into t values (0)'],
])('a statement that %s changes nothing', async (_, sql) => {
  expect(await run({ sql })).toMatchObject({
    state: 'failed',
    summary: expect.stringMatching(/^no rows: /u),
  });
  expect(
    (await ask('postgres.query', database.url, { settings: { sql: 'select count(*)::int from t' } })).facts
      .value,
  ).toBe(500);
});

test('a statement is ended by the server after its own time', async () => {
  const outcome = await run({ sql: 'select pg_sleep(60) /* its own time */', statement_timeout: '200ms' });
  expect(outcome).toMatchObject({ state: 'failed', summary: expect.stringContaining('took too long') });
});

test('a stop ends the statement on the server too', async () => {
  const stop = new AbortController();
  const running = run({ sql: 'select pg_sleep(60) /* until stopped */' }, { signal: stop.signal });
  const active = async () =>
    (
      await ask('postgres.query', database.superuserUrl, {
        settings: {
          sql: `select count(*)::int from pg_stat_activity where query like '%until stopped%' and state = 'active' and pid <> pg_backend_pid()`,
        },
      })
    ).facts.value;
  await waitFor('it to run', 10_000, async () => (await active()) === 1);
  stop.abort(new Error('it was aborted'));
  expect(await running).toMatchObject({
    state: 'failed',
    summary: 'no rows: stopped; the statement was ended',
  });
  await waitFor('the server to end it', 5_000, async () => (await active()) === 0);
});

test('settings: functions that act, times and rows past their bounds are refused', () => {
  for (const wrong of [
    { sql: '' },
    { sql: 'select pg_terminate_backend(pid) from pg_stat_activity' },
    { sql: "select PG_READ_FILE ('/etc/passwd')" },
    { sql: 'select 1', max_rows: 1001 },
    { sql: 'select 1', statement_timeout: '1 hour' },
    { sql: 'select 1', statement_timeout: '2h' },
  ]) {
    expect(kind.settings.safeParse(wrong).success).toBe(false);
  }
  expect(kind.settings.safeParse({ sql: 'select 1', statement_timeout: '30s', max_rows: 1000 }).success).toBe(
    true,
  );
});
