/** postgres.restore against a real PostgreSQL: what it brings, what it keeps, what it refuses, and the way back. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createPostgresRestore } from '../../src/actions/postgres-restore/index.ts';
import type { ActionContext } from '../../src/domain/action.ts';
import type { Target } from '../../src/domain/target.ts';
import { runSql } from '../servers/postgres-debian.ts';
import { context, memoryUndo, planned } from './fixtures.ts';
import { DATABASE } from './postgres-bench.ts';
import { CUSTOM, PLAIN, type RestoreBench, startRestoreBench } from './postgres-restore-bench.ts';

const kind = createPostgresRestore();
const plain = { file: PLAIN };
const none = async (): Promise<void> => undefined;

let bench: RestoreBench;
beforeAll(async () => {
  bench = await startRestoreBench();
});
beforeEach(() => bench.fill());
afterAll(() => bench?.stop());

const plan = async (settings = plain, changes: Partial<Target> = {}, self = context().self) =>
  kind.plan({ ...bench.target, ...changes }, settings, context({ self }));
const refusal = async (settings = plain, changes: Partial<Target> = {}, self = context().self) => {
  const draft = await plan(settings, changes, self);
  return 'refused' in draft ? draft.refused : 'planned';
};
const count = async (table: string, database = DATABASE) =>
  Number((await bench.query<{ n: string }>(`select count(*) as n from ${table}`, database))[0]?.n);
const rewrite = (name: string, change: (sql: string) => string) =>
  writeFileSync(
    join(bench.backupDir, name),
    gzipSync(change(gunzipSync(readFileSync(join(bench.backupDir, PLAIN))).toString('utf8'))),
  );

test.each([PLAIN, CUSTOM])('%s takes the database’s place, and the old one stays as it was', async (file) => {
  await runSql(
    bench.url,
    `create role r_${file.length} login`,
    `alter database ${DATABASE} set pageturner.env = 'dev'`,
    `alter database ${DATABASE} set search_path = "$user", public, extra`,
    `alter database ${DATABASE} set default_transaction_read_only = on`,
    `revoke connect on database ${DATABASE} from public`,
    `grant connect on database ${DATABASE} to r_${file.length}`,
  ).catch(async (error) => {
    await runSql(bench.server.superuserUrl, `alter database ${DATABASE} reset all`);
    throw error;
  });
  const before = await bench.oid();
  const approved = planned(await plan({ file }));
  const undo = memoryUndo();
  const lines: string[] = [];
  const progress = (line: string) => void lines.push(line);
  expect(await kind.makeUndo?.(bench.target, { file }, approved, undo, context())).toMatchObject({
    entries: 1,
  });
  const outcome = await kind.execute(bench.target, { file }, approved, none, context({ progress }));
  expect(outcome).toMatchObject({
    state: 'succeeded',
    summary: expect.stringContaining('2 tables, 250 rows'),
  });
  expect(await count('payments')).toBe(200);
  expect(await bench.oid()).not.toBe(before);
  const [kept] = await bench.beside();
  expect(await bench.beside()).toEqual([expect.stringMatching(/^dbis_core_before_\d{14}$/u)]);
  expect(await bench.oid(kept)).toBe(before);
  expect(await count('payments', kept)).toBe(10);
  expect(await count('since_the_dump', kept)).toBe(2);
  expect(await kind.verify?.(bench.target, { file }, approved, context())).toMatchObject({ good: true });
  expect(lines.join('\n')).toMatch(/counting: 2 of 2 tables/u);

  // What a dump doesn't hold came along: settings, and who may connect.
  const [found] = await bench.query<{ acl: string; set: string[] }>(
    `select d.datacl::text as acl, (select array_agg(s order by s) from pg_db_role_setting r, unnest(r.setconfig) s where r.setdatabase = d.oid) as set
     from pg_database d where datname = '${DATABASE}'`,
    'postgres',
  );
  expect(found?.set).toEqual([
    'default_transaction_read_only=on',
    'pageturner.env=dev',
    'search_path="$user", public, extra',
  ]);
  expect(found?.acl).toContain(`r_${file.length}=c/postgres`);
  expect(found?.acl).not.toMatch(/[{,]=[^,]*c/u);

  // And back again.
  const back = await kind.restore?.(bench.target, { file }, undo.read(), context());
  expect(back).toMatchObject({ state: 'succeeded' });
  expect(await bench.oid()).toBe(before);
  expect(await count('since_the_dump')).toBe(2);
  expect(await bench.beside()).toEqual([expect.stringMatching(/^dbis_core_undone_\d{14}$/u)]);
  expect(await kind.verify?.(bench.target, { file }, approved, context())).toMatchObject({ good: false });
});

test('names who will be ended, and ends them', async () => {
  const app = new pg.Client({ connectionString: bench.url, application_name: 'payments-app' });
  const ended = new Promise<string>((resolve) => app.on('error', (error) => resolve(error.message)));
  await app.connect();
  const elsewhere = new pg.Client({ connectionString: bench.server.superuserUrl });
  await elsewhere.connect();
  const approved = planned(await plan());
  expect(approved.preview.join('\n')).toMatch(
    /will be ended: 1 session \(postgres@127\.0\.0\.1 \(payments-app, idle\)\)/u,
  );
  const outcome = await kind.execute(bench.target, plain, approved, none, context());
  expect(outcome).toMatchObject({ state: 'succeeded', summary: expect.stringContaining('1 session ended') });
  expect(await ended).toMatch(/terminating connection|terminated/u);
  // Who is in another database stays.
  expect((await elsewhere.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await elsewhere.end();
});

test('a pool that comes back at once does not hinder it', async () => {
  let stop = false;
  const knock = async (): Promise<void> => {
    while (!stop) {
      const client = new pg.Client({ connectionString: bench.url });
      client.on('error', () => undefined);
      await client.connect().then(
        () => client.query('select pg_sleep(0.05)').catch(() => undefined),
        () => undefined,
      );
      await client.end().catch(() => undefined);
    }
  };
  const pool = [knock(), knock(), knock()];
  const outcome = await kind.execute(bench.target, plain, planned(await plan()), none, context());
  stop = true;
  await Promise.all(pool);
  expect(outcome.state).toBe('succeeded');
  expect(await count('payments')).toBe(200);
});

test('is refused on the bot’s own journal, by whatever address; and where that can’t be told', async () => {
  const [row] = await bench.query<{ id: string }>(
    'select system_identifier::text as id from pg_control_system()',
  );
  const own = { systemIdentifier: row?.id ?? '', oid: (await bench.oid()) ?? '' };
  const self: ActionContext['self'] = { ...context().self, journalDatabase: async () => own };
  const byName = { url: bench.url.replace('127.0.0.1', 'localhost') };
  expect(await refusal(plain, {}, self)).toContain("the bot's own journal");
  expect(await refusal(plain, byName, self)).toContain("the bot's own journal");
  expect(await refusal(plain, {}, { ...self, journalDatabase: async () => ({ ...own, oid: '1' }) })).toBe(
    'planned',
  );
  const away = { ...self, journalDatabase: () => Promise.reject(new Error('away')) };
  expect(await refusal(plain, {}, away)).toContain("own journal can't be told");
});

test('is refused where the environment marker says otherwise, and in local mode but for the sandbox', async () => {
  await runSql(bench.url, `alter database ${DATABASE} set pageturner.env = 'prod'`);
  expect(await refusal()).toContain('is marked prod (pageturner.env), but the catalog says dev');
  await runSql(bench.url, `alter database ${DATABASE} set pageturner.env = 'dev'`);
  expect(planned(await plan()).marker).toBe('dev');
  expect(await refusal(plain, { sandboxOnly: true })).toContain('local mode only changes the sandbox');
  await runSql(bench.url, `alter database ${DATABASE} set pageturner.sandbox = 'true'`);
  expect(await refusal(plain, { sandboxOnly: true })).toBe('planned');
});

test('is refused for a file that is missing, elsewhere, damaged, cut off, empty or too new', async () => {
  expect(await refusal({ file: 'none.sql.gz' })).toContain('there is no file none.sql.gz in BACKUP_DIR');
  expect(kind.settings.safeParse({ file: '../etc/passwd' }).success).toBe(false);
  expect(kind.settings.safeParse({ file: '.hidden' }).success).toBe(false);
  writeFileSync(join(bench.backupDir, 'text.sql.gz'), 'select 1;');
  expect(await refusal({ file: 'text.sql.gz' })).toContain('does not begin as one');
  const whole = readFileSync(join(bench.backupDir, PLAIN));
  writeFileSync(join(bench.backupDir, 'half.sql.gz'), whole.subarray(0, whole.length / 2));
  expect(await refusal({ file: 'half.sql.gz' })).toContain('half.sql.gz is damaged');
  rewrite('cut.sql.gz', (sql) => sql.slice(0, sql.length - 400));
  expect(await refusal({ file: 'cut.sql.gz' })).toContain('is not complete');
  rewrite('new.sql.gz', (sql) =>
    sql.replace(/Dumped from database version \S+/u, 'Dumped from database version 99.1'),
  );
  expect(await refusal({ file: 'new.sql.gz' })).toContain(
    "is from PostgreSQL 99.1, newer than this server's",
  );
  rewrite('empty.sql.gz', (sql) => sql.replaceAll(/(FROM stdin;\n)[\s\S]*?(\\\.\n)/gu, '$1$2'));
  expect(await refusal({ file: 'empty.sql.gz' })).toContain('holds no rows');
});

test('is refused to a role that may not rename the database or end who is connected', async () => {
  await runSql(
    bench.url,
    'create role limited login createdb',
    `grant connect on database ${DATABASE} to limited`,
  ).catch(() => undefined);
  const limited = { url: bench.url.replace('postgres:not-to-be-shown', 'limited:x') };
  expect(await refusal(plain, limited)).toContain('may not rename dbis_core');
  await runSql(bench.url, `alter database ${DATABASE} owner to limited`);
  const admin = new pg.Client({ connectionString: bench.url });
  admin.on('error', () => undefined);
  await admin.connect();
  expect(await refusal(plain, limited)).toMatch(/may not end the session of postgres@/u);
  await admin.end();
});

test('a dump that fails in the middle, or names a program, leaves everything as it was', async () => {
  const before = await bench.oid();
  rewrite('wrong.sql.gz', (sql) => sql.replace('ADD CONSTRAINT', 'ADD NONSENSE'));
  const wrong = await kind.execute(
    bench.target,
    { file: 'wrong.sql.gz' },
    planned(await plan({ file: 'wrong.sql.gz' })),
    none,
    context(),
  );
  expect(wrong).toMatchObject({
    state: 'failed',
    summary: expect.stringMatching(/nothing was replaced: psql stopped.*syntax error/u),
  });
  const marker = join(bench.backupDir, 'made-by-a-program');
  rewrite('evil.sql.gz', (sql) => sql.replace('CREATE TABLE', `\\! touch ${marker}\nCREATE TABLE`));
  const evil = await kind.execute(
    bench.target,
    { file: 'evil.sql.gz' },
    planned(await plan({ file: 'evil.sql.gz' })),
    none,
    context(),
  );
  expect(evil.state).toBe('failed');
  expect(bench.files()).not.toContain('made-by-a-program');
  expect(await bench.oid()).toBe(before);
  expect(await bench.beside()).toEqual([]);
});

test('rows that get lost on the way are found before the names change', async () => {
  const before = await bench.oid();
  const file = 'lossy.sql.gz';
  rewrite(file, (sql) =>
    sql.replace(
      'ALTER TABLE ONLY public.payments',
      'DELETE FROM public.payments WHERE id = 7;\nALTER TABLE ONLY public.payments',
    ),
  );
  const outcome = await kind.execute(bench.target, { file }, planned(await plan({ file })), none, context());
  expect(outcome).toMatchObject({
    state: 'failed',
    summary: 'nothing was replaced: public.payments has 199 rows, the dump 200',
  });
  expect(await bench.oid()).toBe(before);
  expect(await bench.beside()).toEqual([]);
});

test('a file that was changed since the approval is another one', async () => {
  const approved = planned(await plan());
  rewrite(PLAIN, (sql) => `${sql}\n-- one more\n-- PostgreSQL database dump complete\n`);
  const outcome = await kind.execute(bench.target, plain, approved, none, context());
  expect(outcome).toMatchObject({ state: 'superseded', summary: expect.stringContaining('file_sha256 was') });
});

test('stopped while it loads, nothing is left behind', async () => {
  const stop = new AbortController();
  const approved = planned(await plan());
  const progress = (line: string) => {
    if (line.startsWith('loading')) stop.abort(new Error('it was aborted'));
  };
  const running = kind.execute(
    bench.target,
    plain,
    approved,
    none,
    context({ signal: stop.signal, progress }),
  );
  await expect(running).rejects.toThrow('it was aborted');
  expect(await bench.beside()).toEqual([]);
  expect(await count('since_the_dump')).toBe(2);
});

test('the undo is refused where the old database is gone, and says so', async () => {
  const undo = memoryUndo();
  const approved = planned(await plan());
  await kind.makeUndo?.(bench.target, plain, approved, undo, context());
  await kind.execute(bench.target, plain, approved, none, context());
  const [kept] = await bench.beside();
  await runSql(bench.server.superuserUrl, `drop database ${kept} with (force)`);
  expect(await kind.restore?.(bench.target, plain, undo.read(), context())).toMatchObject({
    state: 'failed',
    summary: expect.stringContaining('is no longer there'),
  });
  const damaged = memoryUndo();
  await damaged.write(Buffer.from('{"kind":'));
  expect(await kind.restore?.(bench.target, plain, damaged.read(), context())).toMatchObject({
    state: 'failed',
  });
});
