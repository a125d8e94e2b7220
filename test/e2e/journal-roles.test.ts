/** The journal's two roles, from outside: who may start, who migrates, what is said when a right is wanting. */
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { emptyDatabase, type TestDatabase, testDatabase } from '../servers/postgres.ts';
import { AUDIT_KEY, runCli, startWorld } from './bot.ts';

import { rootWith } from './slack-thread.ts';
import { sendAlerts } from './webhook.ts';

const production = {
  PORT: '0',
  PAGETURNER_DATA: '/tmp/pageturner-never',
  PAGETURNER_ENV: 'prod',
  SLACK_BOT_TOKEN: 'xoxb-never',
  SLACK_SIGNING_SECRET: 'never-used',
  SLACK_API_URL: 'http://127.0.0.1:9/',
  ALERTMANAGER_WEBHOOK_TOKEN: 'never-used',
  AUDIT_KEY,
};

const migrate = ({ url, ownerUrl }: TestDatabase, more: Readonly<Record<string, string>> = {}) =>
  runCli(['migrate'], { DATABASE_URL: url, DATABASE_OWNER_URL: ownerUrl, ...more });

async function ask(url: string, ...statements: readonly string[]): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) rows = (await client.query<Record<string, unknown>>(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

const OWNERS = `select distinct pg_get_userbyid(relowner) as owner from pg_class c
  join pg_namespace n on n.oid = c.relnamespace where n.nspname in ('public', 'bullmq')`;

describe('pageturner migrate', () => {
  it('makes all that a bot needs, whose role then owns nothing, in prod too', async () => {
    const database = await emptyDatabase();
    const first = await migrate(database);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toContain('0001_journal.sql');
    expect((await migrate(database)).stdout).toContain('nothing was due');
    const owner = new URL(database.ownerUrl).username;
    expect(await ask(database.superuserUrl, OWNERS)).toEqual([{ owner }]);
    const world = await startWorld({ DATABASE_URL: database.url, PAGETURNER_ENV: 'prod' });
    try {
      await sendAlerts(world, [{ labels: { alertname: 'WithSplitRoles', severity: 'warning' } }]);
      await rootWith(world.workspace, 'WithSplitRoles');
    } finally {
      await world.stop();
    }
  });

  it('takes over what the bot’s own role owned before, the database and the queue’s schema included', async () => {
    const database = await emptyDatabase();
    const world = await startWorld({ DATABASE_URL: database.ownerUrl });
    await sendAlerts(world, [{ labels: { alertname: 'FromBefore', severity: 'warning' } }]);
    await rootWith(world.workspace, 'FromBefore');
    await world.bot.kill('SIGTERM');
    // The role from before goes on as the bot's; another one becomes the owner.
    const [bot, owner] = [database.ownerUrl, database.superuserUrl];
    const { code, stderr } = await runCli(['migrate'], { DATABASE_URL: bot, DATABASE_OWNER_URL: owner });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await ask(owner, OWNERS)).toEqual([{ owner: 'postgres' }]);
    expect(
      await ask(
        bot,
        `select (select count(*)::int from pg_proc where proowner = me.oid) + (select count(*)::int from pg_type where typowner = me.oid)
           + (select count(*)::int from pg_namespace where nspowner = me.oid)
           + (select count(*)::int from pg_database where datdba = me.oid) as owned from pg_roles me where rolname = current_user`,
      ),
    ).toEqual([{ owned: 0 }]);
    await expect(ask(bot, 'update audit_entries set actor = $$x$$')).rejects.toThrow(/permission denied/u);
    await world.restart('SIGTERM', { PAGETURNER_ENV: 'prod' });
    await sendAlerts(world, [{ labels: { alertname: 'Afterwards', severity: 'warning' } }]);
    await rootWith(world.workspace, 'Afterwards');
    await world.stop();
  });

  it('says which statements a superuser must run where its own role may not take over', async () => {
    const database = await emptyDatabase();
    await runCli(['migrate'], { DATABASE_URL: database.ownerUrl });
    await ask(database.superuserUrl, `grant create on schema public to ${new URL(database.url).username}`);
    // The one that owns nothing tries to become the owner.
    const { code, stderr } = await runCli(['migrate'], {
      DATABASE_URL: database.ownerUrl,
      DATABASE_OWNER_URL: database.url,
    });
    expect(code).toBe(3);
    expect(stderr).toMatch(/^DATABASE_OWNER_URL: /u);
    expect(stderr).toContain('alter table audit_entries owner to');
    expect(stderr).not.toContain('    at ');
  });
});

describe('a start', () => {
  it('in prod is refused to a superuser, with what to run', async () => {
    const { superuserUrl } = await testDatabase();
    const { code, stderr } = await runCli(['up'], { ...production, DATABASE_URL: superuserUrl });
    expect(code).toBe(3);
    expect(stderr).toMatch(/^DATABASE_URL: its role postgres is a superuser/u);
    expect(stderr).toContain('create role pageturner_bot login');
    expect(stderr).toContain('pageturner migrate');
  });

  it('in prod is refused to the owner of the audit log, and to a member of its owner', async () => {
    const database = await testDatabase();
    const owner = await runCli(['up'], { ...production, DATABASE_URL: database.ownerUrl });
    expect(owner).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^DATABASE_URL: .* owns the audit log/u),
    });
    const roles = [database.ownerUrl, database.url].map((url) => new URL(url).username);
    await ask(database.superuserUrl, `grant ${roles[0]} to ${roles[1]}`);
    const member = await runCli(['up'], { ...production, DATABASE_URL: database.url });
    expect(member).toMatchObject({ code: 3, stderr: expect.stringMatching(/^DATABASE_URL: /u) });
  });

  it.each([
    ['update on audit_entries', 'revoke update, delete, truncate'],
    ['delete on audit_entries', 'revoke update, delete, truncate'],
  ])('in prod is refused to a role that was granted %s', async (right, says) => {
    const { url, superuserUrl } = await testDatabase();
    await ask(superuserUrl, `grant ${right} to ${new URL(url).username}`);
    const { code, stderr } = await runCli(['up'], { ...production, DATABASE_URL: url });
    expect(code).toBe(3);
    expect(stderr).toContain(says);
  });

  it('on a journal that is not migrated says to run pageturner migrate, in one line', async () => {
    const { url } = await emptyDatabase();
    const { code, stderr } = await runCli(['up'], {
      ...production,
      PAGETURNER_ENV: 'test',
      DATABASE_URL: url,
    });
    expect(code).toBe(3);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/^DATABASE_URL: .*pageturner migrate/u);
  });

  it('with the owner’s address beside its own migrates by itself', async () => {
    const { url, ownerUrl } = await emptyDatabase();
    const world = await startWorld({ DATABASE_URL: url, DATABASE_OWNER_URL: ownerUrl });
    await world.stop();
    await expect(ask(url, 'delete from audit_entries')).rejects.toThrow(/permission denied/u);
  });

  it('keeps its tables in DATABASE_SCHEMA where the role has no rights on public', async () => {
    const { url, ownerUrl, superuserUrl } = await emptyDatabase();
    await ask(superuserUrl, 'revoke all on schema public from public', 'drop schema public cascade');
    const schema = { DATABASE_SCHEMA: 'bot_s_own' };
    expect(await migrate({ url, ownerUrl, superuserUrl }, schema)).toMatchObject({ code: 0, stderr: '' });
    const world = await startWorld({ DATABASE_URL: url, PAGETURNER_ENV: 'prod', ...schema });
    try {
      await sendAlerts(world, [{ labels: { alertname: 'InItsOwnSchema', severity: 'warning' } }]);
      await rootWith(world.workspace, 'InItsOwnSchema');
      const { code, stdout } = await runCli(['audit', 'verify'], { DATABASE_URL: url, AUDIT_KEY, ...schema });
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^audit: \d+ entries/u) });
    } finally {
      await world.stop();
    }
  });
});
