/** What docker-compose.yml does before the bot starts, on a real PostgreSQL: two roles, the tables, a bot in prod. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { runCli, startWorld } from '../e2e/bot.ts';
import { rootWith } from '../e2e/slack-thread.ts';
import { sendAlerts } from '../e2e/webhook.ts';
import {
  type DebianPostgres,
  debianPostgresPrograms,
  startDebianPostgres,
} from '../servers/postgres-debian.ts';
import { startRedis } from '../servers/redis.ts';

const run = promisify(execFile);
const FILE = fileURLToPath(new URL('../../docker-compose.yml', import.meta.url));
const SECRETS: Readonly<Record<string, string>> = {
  POSTGRES_SUPERUSER_PASSWORD: 'of-the-superuser',
  POSTGRES_OWNER_PASSWORD: "of-the-owner's",
  POSTGRES_PASSWORD: 'of-the-bot',
};

const { services } = z
  .object({
    services: z.object({
      roles: z.object({ environment: z.record(z.string(), z.string()), command: z.tuple([z.string()]) }),
      migrate: z.object({
        environment: z.record(z.string(), z.string().nullable()),
        command: z.array(z.string()),
      }),
      pageturner: z.object({ environment: z.record(z.string(), z.string().nullable()) }),
    }),
  })
  .parse(parse(readFileSync(FILE, 'utf8'), { merge: true }));

let server: DebianPostgres;
beforeEach(async () => {
  server = await startDebianPostgres();
});
afterEach(() => server.stop());

/** As Compose fills in what `.env` holds; the server is the test's. */
const filled = (value: string): string =>
  value
    .replaceAll(/\$\{(\w+):\?[^}]*\}/gu, (_all, name: string) => SECRETS[name] ?? name)
    .replace('@postgres:5432', `@127.0.0.1:${server.port}`);

const given = (environment: Readonly<Record<string, string | null>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === null ? [] : [[name, filled(value)]])),
  );

async function makeRoles(): Promise<void> {
  const { environment, command } = services.roles;
  await run('sh', ['-ec', command[0].replaceAll('$$', '$')], {
    env: {
      ...given(environment),
      PATH: `${await debianPostgresPrograms()}:${process.env.PATH}`,
      PGHOST: '127.0.0.1',
      PGPORT: `${server.port}`,
    },
  });
}

function migrate() {
  const [, main, ...args] = services.migrate.command;
  expect(main).toBe('src/main.ts');
  return runCli(args, given(services.migrate.environment));
}

const botUrl = (): string => given(services.pageturner.environment).DATABASE_URL ?? '';

async function ask(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

const asSuperuser = (statement: string, database = 'pageturner') =>
  ask(server.superuserUrl.replace(/\/postgres$/u, `/${database}`), statement);

const OWNERS = `select distinct pg_get_userbyid(relowner) as owner from pg_class c
  join pg_namespace n on n.oid = c.relnamespace where n.nspname in ('public', 'bullmq')`;

/** An alert comes through, in prod, with what the bot is given and nothing more. */
async function expectBotInProduction(alertname: string): Promise<void> {
  const redis = await startRedis();
  const world = await startWorld({ DATABASE_URL: botUrl(), REDIS_URL: redis.url, PAGETURNER_ENV: 'prod' });
  try {
    await sendAlerts(world, [{ labels: { alertname, severity: 'warning' } }]);
    await rootWith(world.workspace, alertname);
  } finally {
    await world.stop();
    await redis.stop();
  }
}

test('on an empty volume the roles and the tables are made, and the bot starts in prod', async () => {
  await makeRoles();
  expect(await migrate()).toMatchObject({ code: 0, stderr: '' });
  expect(await asSuperuser(OWNERS)).toEqual([{ owner: 'pageturner_owner' }]);
  const roles = `select rolname as name, rolpassword like 'SCRAM%' as password, rolsuper or rolcreaterole or rolcreatedb as much
    from pg_authid where rolname like 'pageturner%' order by name`;
  expect(await asSuperuser(roles)).toEqual([
    { name: 'pageturner', password: true, much: false },
    { name: 'pageturner_owner', password: true, much: false },
  ]);
  await expect(ask(botUrl(), 'alter table audit_entries disable trigger all')).rejects.toThrow(
    /must be owner/u,
  );
  await expect(ask(botUrl(), 'set role pageturner_owner')).rejects.toThrow(/permission denied/u);
  // The next start of everything runs both again.
  await makeRoles();
  expect((await migrate()).stdout).toContain('nothing was due');
  await expectBotInProduction('OnAnEmptyVolume');
});

test('a journal that the bot’s role owned is taken over, and the bot starts in prod', async () => {
  await asSuperuser("create role pageturner login password 'x'", 'postgres');
  await asSuperuser('create database pageturner owner pageturner', 'postgres');
  const before = await runCli(['migrate'], { DATABASE_URL: botUrl() });
  expect(before).toMatchObject({ code: 0 });
  expect(await asSuperuser(OWNERS)).toEqual([{ owner: 'pageturner' }]);
  await makeRoles();
  expect(await migrate()).toMatchObject({ code: 0, stderr: '' });
  expect(await asSuperuser(OWNERS)).toEqual([{ owner: 'pageturner_owner' }]);
  await expectBotInProduction('FromBeforeTheSplit');
});
