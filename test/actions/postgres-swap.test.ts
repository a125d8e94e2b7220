/** The moment in which two databases change names, with the connection cut at each point of it. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createPostgresRestore } from '../../src/actions/postgres-restore/index.ts';
import { swapDatabases } from '../../src/actions/postgres-restore/swap.ts';
import { OutcomeUnknown } from '../../src/domain/outcome-unknown.ts';
import { runSql } from '../servers/postgres-debian.ts';
import { waitFor } from '../servers/program.ts';
import { startProxy, type Way } from '../servers/proxy.ts';
import { context, planned } from './fixtures.ts';
import { DATABASE } from './postgres-bench.ts';
import { PLAIN, type RestoreBench, startRestoreBench } from './postgres-restore-bench.ts';

const kind = createPostgresRestore();
let bench: RestoreBench;
let way: Way;
beforeAll(async () => {
  bench = await startRestoreBench();
});
beforeEach(async () => {
  await bench.fill();
  way = await startProxy(bench.server.port);
});
afterEach(() => way.cut());
afterAll(() => bench?.stop());

const through = () => bench.url.replace(`:${bench.server.port}/`, `:${way.port}/`);

async function swapBy(url: string) {
  await runSql(bench.server.superuserUrl, `create database ${DATABASE}_new_1`);
  const [row] = await bench.query<{ id: string }>(
    'select system_identifier::text as id from pg_control_system()',
  );
  return {
    url,
    systemIdentifier: row?.id ?? '',
    name: DATABASE,
    oid: (await bench.oid()) ?? '',
    keptAs: `${DATABASE}_before_1`,
    from: `${DATABASE}_new_1`,
  };
}
const bounds = () => ({ signal: AbortSignal.timeout(20_000), timeoutMs: 10_000 });

test('cut before the names are touched: nothing was replaced, and it is said so', async () => {
  const target = { ...bench.target, url: through() };
  const before = await bench.oid();
  const approved = planned(await kind.plan(target, { file: PLAIN }, context()));
  const act = async () => way.cut();
  const outcome = await kind.execute(target, { file: PLAIN }, approved, act, context());
  expect(outcome).toMatchObject({
    state: 'failed',
    summary: expect.stringMatching(/^nothing was replaced: /u),
  });
  expect(await bench.oid()).toBe(before);
  // It could not be taken away; the next plan tells of it.
  await way.join();
  expect(planned(await kind.plan(target, { file: PLAIN }, context())).preview.join('\n')).toMatch(
    /left by an earlier attempt, to be dropped by hand: dbis_core_new_\d{14}/u,
  );
});

test('cut while a session is waited for: looked at again over a new connection, and told as it is', async () => {
  const swap = await swapBy(through());
  const holder = await holdDatabase();
  const running = swapDatabases(swap, bounds(), async () => {
    void whenRenaming().then(() => {
      way.cut();
      return way.join();
    });
  });
  expect(await running).toMatchObject({
    state: 'failed',
    why: expect.stringContaining('did not change names'),
  });
  expect(await bench.oid()).toBe(swap.oid);
  await holder();
});

test('cut, and the server stays away: nobody knows, and what to look for is said', async () => {
  const swap = await swapBy(through());
  const holder = await holdDatabase();
  const running = swapDatabases(swap, bounds(), async () => {
    void whenRenaming().then(() => way.cut());
  });
  const error = await running.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(OutcomeUnknown);
  expect(String(error)).toContain('look whether dbis_core_before_1 is there');
  expect(String(error)).not.toContain('not-to-be-shown');
  await holder();
});

test('another database under the name by now is left alone', async () => {
  const swap = { ...(await swapBy(bench.url)), oid: '1' };
  const never = async () => {
    throw new Error('it announced');
  };
  expect(await swapDatabases(swap, bounds(), never)).toMatchObject({
    state: 'changed',
    why: expect.stringMatching(/^database_oid was 1, is \d+$/u),
  });
});

const whenRenaming = () =>
  waitFor('the rename to wait', 5_000, async () => {
    const found = await bench.query(
      "select from pg_stat_activity where state = 'active' and query ilike 'alter database%rename%'",
      'postgres',
    );
    return found.length > 0;
  });

/** Keeps the database in use by what pg_terminate_backend can't end; gives the way to let go. */
async function holdDatabase(): Promise<() => Promise<void>> {
  await runSql(bench.url, 'begin', 'insert into payments values (9999)', `prepare transaction 'held'`);
  return () => runSql(bench.url, `rollback prepared 'held'`);
}
