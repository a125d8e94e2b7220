/** postgres.restore by a role like an application's own: it owns its database, may create others, and is nothing more. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPostgresRestore } from '../../src/actions/postgres-restore/index.ts';
import { debianPostgresPrograms, runSql } from '../servers/postgres-debian.ts';
import { context, memoryUndo, planned } from './fixtures.ts';
import { DATABASE, type PostgresBench, startPostgresBench } from './postgres-bench.ts';

const run = promisify(execFile);
const kind = createPostgresRestore();
const settings = { file: 'owned.sql.gz' };

let bench: PostgresBench;
let url: string;
beforeAll(async () => {
  bench = await startPostgresBench();
  await bench.fill();
  await runSql(
    bench.url,
    "create role payments_owner login createdb password 'an-owner'",
    `alter database ${DATABASE} owner to payments_owner`,
    'alter schema public owner to payments_owner',
    'alter table payments owner to payments_owner',
    'alter table audit_logs owner to payments_owner',
    `alter database ${DATABASE} set pageturner.env = 'dev'`,
  );
  url = bench.url.replace('postgres:not-to-be-shown', 'payments_owner:an-owner');
  const program = join(await debianPostgresPrograms(), 'pg_dump');
  const { stdout } = await run(program, ['--format=plain', url], {
    encoding: 'buffer',
    maxBuffer: 64 * 1024 * 1024,
  });
  writeFileSync(join(bench.backupDir, settings.file), gzipSync(stdout));
  await runSql(url, 'delete from payments where id > 10');
});
afterAll(() => bench?.stop());

const payments = async () =>
  (await bench.query<{ n: number }>('select count(*)::int as n from payments'))[0]?.n;

test('an ordinary owner with CREATEDB restores its database, and brings the old one back', async () => {
  const target = { ...bench.target, url };
  const approved = planned(await kind.plan(target, settings, context()));
  const undo = memoryUndo();
  await kind.makeUndo?.(target, settings, approved, undo, context());
  const outcome = await kind.execute(target, settings, approved, async () => undefined, context());
  expect(outcome.summary).toMatch(
    /is what owned\.sql\.gz holds .* to be set by a superuser: pageturner\.env$/u,
  );
  expect(await payments()).toBe(200);
  const [row] = await bench.query<{ owner: string }>(
    `select pg_get_userbyid(datdba) as owner from pg_database where datname = '${DATABASE}'`,
  );
  expect(row?.owner).toBe('payments_owner');
  expect(await kind.restore?.(target, settings, undo.read(), context())).toMatchObject({
    state: 'succeeded',
  });
  expect(await payments()).toBe(10);
});
