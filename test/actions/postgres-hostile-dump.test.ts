/** A dump whose SQL means harm: what it tries outside of the database that it is loaded into comes to nothing. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { createPostgresRestore } from '../../src/actions/postgres-restore/index.ts';
import type { Target } from '../../src/domain/target.ts';
import { runSql } from '../servers/postgres-debian.ts';
import { context, planned } from './fixtures.ts';
import { DATABASE } from './postgres-bench.ts';
import { CUSTOM, PLAIN, type RestoreBench, startRestoreBench } from './postgres-restore-bench.ts';

const kind = createPostgresRestore();
const none = async (): Promise<void> => undefined;
const HOSTILE = 'hostile.sql.gz';
/** The server's user may write here. */
const marker = join(tmpdir(), `pageturner-made-by-a-dump-${process.pid}`);

let bench: RestoreBench;
beforeAll(async () => {
  bench = await startRestoreBench();
  await runSql(
    bench.server.superuserUrl,
    'create role app login',
    'create role maker login createrole createdb',
  );
});
beforeEach(async () => {
  rmSync(marker, { force: true });
  await bench.fill();
});
afterAll(() => bench?.stop());

const rewrite = (change: (sql: string) => string) => {
  const plain = gunzipSync(readFileSync(join(bench.backupDir, PLAIN))).toString('utf8');
  writeFileSync(join(bench.backupDir, HOSTILE), gzipSync(change(plain)));
};
const restore = async (file: string, target: Target = bench.target) => {
  const approved = planned(await kind.plan(target, { file }, context()));
  return kind.execute(target, { file }, approved, none, context());
};
/** Everything on the server that a dump of one database has no business with. */
const outside = () =>
  bench.query(
    `select (select json_agg(r order by rolname) from (select rolname, rolsuper, rolcreaterole, rolcreatedb, rolpassword,
        rolvaliduntil from pg_authid) r) as roles,
      (select json_agg(m order by roleid, member) from (select roleid::regrole::text as roleid, member::regrole::text as member from pg_auth_members) m) as members,
      (select json_agg(d order by datname) from (select datname, pg_get_userbyid(datdba) as owner, datallowconn, datacl::text from pg_database) d) as databases,
      (select json_agg(s order by setdatabase, setrole) from pg_db_role_setting s) as settings,
      (select count(*) from pg_tablespace) as tablespaces, (select count(*) from pg_subscription) as subscriptions`,
    'postgres',
  );

const HARM: readonly string[] = [
  'RESET ROLE; CREATE ROLE evil SUPERUSER LOGIN;',
  'RESET SESSION AUTHORIZATION; ALTER ROLE postgres PASSWORD $$taken$$;',
  'SET SESSION AUTHORIZATION postgres;',
  'SET ROLE app; ALTER ROLE app PASSWORD $$taken$$;',
  `COPY (SELECT 1) TO PROGRAM 'touch ${marker}';`,
  `COPY public.payments FROM PROGRAM 'touch ${marker}';`,
  `COPY (SELECT 1) TO '${marker}';`,
  `SELECT pg_catalog.lo_export(pg_catalog.lo_create(0), '${marker}');`,
  `\\! touch ${marker}`,
  `\\copy public.payments to program 'touch ${marker}'`,
  `\\o |touch ${marker}`,
  `SELECT 1 \\g |touch ${marker}`,
  '\\connect postgres',
  '\\unrestrict k3y',
  'ALTER ROLE CURRENT_USER SUPERUSER;',
  'ALTER ROLE CURRENT_USER CREATEROLE;',
  'CREATE ROLE evil;',
  'GRANT postgres TO CURRENT_USER;',
  'GRANT app TO CURRENT_USER;',
  'GRANT pg_execute_server_program TO CURRENT_USER;',
  'CREATE EXTENSION dblink;',
  'CREATE EXTENSION file_fdw;',
  'CREATE LANGUAGE plpython3u;',
  'CREATE FUNCTION public.evil() RETURNS int LANGUAGE c AS $$libc$$, $$system$$;',
  `DO $$ BEGIN EXECUTE 'ALTER SYSTEM SET archive_command = ''touch ${marker}'''; END $$;`,
  `DO $$ BEGIN EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch ${marker}'''; END $$;`,
  'DO $$ BEGIN CREATE ROLE evil SUPERUSER; END $$;',
  `ALTER DATABASE ${DATABASE} RENAME TO stolen;`,
  `ALTER DATABASE ${DATABASE} SET search_path = evil;`,
  `DROP DATABASE ${DATABASE};`,
  'CREATE DATABASE evil;',
  'CREATE EVENT TRIGGER evil ON ddl_command_start EXECUTE FUNCTION pg_catalog.suppress_redundant_updates_trigger();',
  'UPDATE pg_catalog.pg_authid SET rolsuper = true;',
  'ALTER TABLE pg_catalog.pg_authid OWNER TO app;',
  `CREATE SUBSCRIPTION evil CONNECTION 'dbname=postgres' PUBLICATION evil;`,
];

test.each(HARM)('does nothing outside: %s', async (sql) => {
  rewrite((dump) => dump.replace('CREATE TABLE', `${sql}\nCREATE TABLE`));
  const [before, oid] = [await outside(), await bench.oid()];
  const outcome = await restore(HOSTILE);
  // Some are refused, some come to nothing: in either case nothing but the database itself may differ.
  if (outcome.state === 'failed') {
    expect(await outside()).toEqual(before);
    expect(await bench.oid()).toBe(oid);
  }
  expect(existsSync(marker)).toBe(false);
  expect(
    await bench.query("select from pg_roles where rolname ~ '^(evil|pageturner_load)'", 'postgres'),
  ).toEqual([]);
  expect(await bench.beside()).toHaveLength(outcome.state === 'failed' ? 0 : 1);
});

test('a function that would run as a superuser for whoever calls it is refused', async () => {
  rewrite((dump) =>
    dump.replace(
      'CREATE TABLE',
      "CREATE FUNCTION public.evil() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';\nCREATE TABLE",
    ),
  );
  expect(await restore(HOSTILE)).toMatchObject({
    state: 'failed',
    summary: expect.stringContaining('SECURITY DEFINER'),
  });
  expect(await bench.beside()).toEqual([]);
});

test.each([PLAIN, CUSTOM])('%s: who owned what in the dump owns it again', async (file) => {
  await runSql(
    bench.url,
    'drop table since_the_dump',
    'create schema reports authorization app',
    'create table reports.daily (n int)',
    'insert into reports.daily values (1)',
    'alter table reports.daily owner to app',
    'grant select on payments to app',
  );
  await bench.dump();
  expect(await restore(file)).toMatchObject({ state: 'succeeded' });
  const owners = await bench.query(
    `select c.relname as name, pg_get_userbyid(c.relowner) as owner from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname in ('public', 'reports') and c.relkind = 'r' order by 1`,
  );
  expect(owners).toEqual([
    { name: 'audit_logs', owner: 'postgres' },
    { name: 'daily', owner: 'app' },
    { name: 'payments', owner: 'postgres' },
  ]);
  expect(await bench.query(`select has_table_privilege('app', 'payments', 'select') as may`)).toEqual([
    { may: true },
  ]);
});

test('a role that may make roles, and owns the database, is enough', async () => {
  await runSql(bench.url, `alter database ${DATABASE} owner to maker`, 'grant pg_signal_backend to maker');
  const maker = { ...bench.target, url: bench.url.replace('postgres:not-to-be-shown', 'maker:x') };
  const draft = planned(await kind.plan(maker, { file: PLAIN }, context()));
  expect(draft.preview.join('\n')).toContain('a role that is made for it');
  expect(await restore(PLAIN, maker)).toMatchObject({ state: 'succeeded' });
  expect(await bench.query("select from pg_roles where rolname ~ '^pageturner_load'", 'postgres')).toEqual(
    [],
  );
  expect(
    await bench.query(
      `select distinct pg_get_userbyid(relowner) as owner from pg_class where relname in ('payments', 'audit_logs')`,
    ),
  ).toEqual([{ owner: 'maker' }]);
  // What is left of other tests goes with its databases.
  await runSql(bench.url, `alter database ${DATABASE} owner to postgres`);
});

test('what is loaded is the copy that was hashed, whatever becomes of the file meanwhile', async () => {
  const file = join(bench.backupDir, PLAIN);
  // Where the private copy is made: a folder that nobody else writes to.
  const own = mkdtempSync(join(tmpdir(), 'pageturner-copies-'));
  vi.stubEnv('TMPDIR', own);
  const approved = planned(await kind.plan(bench.target, { file: PLAIN }, context()));
  const swap = (line: string): void => {
    // As soon as the load begins, somebody puts another file in its place.
    if (line.startsWith('making'))
      writeFileSync(file, gzipSync(`COPY (SELECT 1) TO PROGRAM 'touch ${marker}';\n`));
  };
  const outcome = await kind.execute(
    bench.target,
    { file: PLAIN },
    approved,
    none,
    context({ progress: swap }),
  );
  expect(outcome).toMatchObject({ state: 'succeeded', summary: expect.stringContaining('250 rows') });
  expect(existsSync(marker)).toBe(false);
  expect(readdirSync(own)).toEqual([]);
  vi.unstubAllEnvs();
  rmSync(own, { recursive: true });
});
