/** What PostgreSQL itself refuses to the role that the bot logs in with. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../servers/postgres.ts';

const REFUSED =
  /permission denied|must be owner|must be (?:able to|superuser|a member)|not a member|Only roles with/iu;

/** Rows that are there before, so that a statement is refused for what it is and not for want of a row. */
const ROWS = [
  `insert into audit_entries (seq, at, kind, actor, subject, payload, previous, hash)
   values (1, now(), 'x', 'x', 'x', '{}', repeat('0', 64), repeat('a', 64))`,
];

const FORBIDDEN: readonly string[] = [
  `update audit_entries set actor = 'somebody else'`,
  'delete from audit_entries',
  'truncate audit_entries',
  'truncate audit_entries cascade',
  'select from audit_entries for update',
  'drop table audit_entries',
  'alter table audit_entries add column x int',
  'alter table audit_entries disable trigger all',
  'alter table audit_entries rename to audit_old',
  'alter table audit_entries set unlogged',
  'alter table audit_entries owner to current_user',
  'create index on audit_entries (kind)',
  'create trigger t before insert on audit_entries for each row execute function refuse_transition()',
  'create rule r as on insert to audit_entries do instead nothing',
  'alter table audit_entries enable row level security',
  'comment on table audit_entries is null',
  "insert into audit_head (one, seq, hash) values (true, 0, repeat('0', 64))",
  'delete from audit_head',
  `update decisions set person = 'U1'`,
  'delete from decisions',
  'delete from requests',
  'delete from executions',
  'delete from steps',
  'delete from events',
  `update events set text = 'another story'`,
  `update undo_parts set body = ''`,
  'alter table executions disable trigger executions_approved',
  'alter table executions disable trigger user',
  'drop trigger executions_approved on executions',
  'alter table steps disable trigger steps_life',
  'drop trigger steps_life on steps',
  'alter table decisions drop constraint decisions_pkey',
  'create or replace function executions_need_approval() returns trigger language plpgsql as $$ begin return new; end $$',
  'drop function executions_need_approval() cascade',
  'alter function refuse_transition() owner to current_user',
  "insert into migrations (name) values ('9999_mine.sql')",
  'delete from migrations',
  `set session_replication_role = replica`,
  'create table mine (n int)',
  'create schema mine',
  'drop schema public cascade',
  'alter schema public rename to mine',
  'create extension dblink',
  'create role mine superuser',
  'alter role current_user superuser',
  'alter role current_user createrole',
  'set role postgres',
  "copy audit_entries to program 'cat'",
  `copy audit_entries from '/etc/passwd'`,
  `select pg_read_file('/etc/passwd')`,
  'alter database %DB% owner to current_user',
  'drop table bullmq.job',
  'truncate bullmq.job',
  'create table bullmq.mine (n int)',
  "insert into bullmq.migration (version, name, min_client_version) values (999, 'x', 1)",
  "create or replace function bullmq.job_id_seq_name(p_queue text) returns text language sql as 'select 1::text'",
];

describe('the role that the bot logs in with', () => {
  let database: TestDatabase;
  let bot: pg.Client;
  beforeAll(async () => {
    database = await testDatabase();
    bot = new pg.Client({ connectionString: database.url });
    await bot.connect();
    for (const row of ROWS) await bot.query(row);
  });
  afterAll(() => bot.end());

  it.each(FORBIDDEN)('may not: %s', async (statement) => {
    const name = new URL(database.url).pathname.slice(1);
    await bot.query('begin');
    const tried = bot.query(statement.replace('%DB%', name)).then(
      () => 'it was let through',
      (error: Error) => error.message,
    );
    const said = await tried;
    await bot.query('rollback');
    expect(said).toMatch(REFUSED);
  });

  it('gets nothing by granting it to itself: PostgreSQL only warns', async () => {
    await bot.query('grant update, delete, truncate on audit_entries to current_user');
    await bot.query('grant all on all tables in schema public to current_user, public');
    const { rows } = await bot.query<{ may: boolean }>(
      `select has_table_privilege('audit_entries', 'update, delete, truncate, trigger') as may`,
    );
    expect(rows).toEqual([{ may: false }]);
  });

  it('owns nothing: no table, function, type, schema, or database', async () => {
    const { rows } = await bot.query<{ owned: number }>(
      `select (select count(*) from pg_class where relowner = me.oid and relpersistence <> 't')
        + (select count(*) from pg_proc where proowner = me.oid) + (select count(*) from pg_type where typowner = me.oid)
        + (select count(*) from pg_namespace where nspowner = me.oid and nspname !~ '^pg_t')
        + (select count(*) from pg_database where datdba = me.oid) as owned
       from pg_roles me where rolname = current_user`,
    );
    expect(rows[0]?.owned).toBe('0');
  });
});
