/** A real PostgreSQL for the whole test run, and a fresh database in it for whoever asks. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import { migrateJournal, roleOf } from '../../src/journal/migrate-journal.ts';
import { makeQueueSchema } from '../../src/journal/queue-schema.ts';
import { openEmbeddedPostgres } from '../../src/local/embedded-postgres.ts';

export interface PostgresServer {
  /** Logs in as the bot's role, on a journal that is migrated. */
  readonly url: string;
  readonly superuserUrl: string;
  readonly port: number;
  readonly pid: number;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A server of one's own, to stop and restart; in `dataDir`, or in a folder of its own. */
export async function startPostgres(
  dataDir = mkdtempSync(join(tmpdir(), 'pageturner-pg-')),
): Promise<PostgresServer> {
  const open = () => openEmbeddedPostgres({ dataDir, signal: new AbortController().signal });
  let server = await open();
  await migrateJournal(
    { ownerUrl: server.ownerUrl, botRole: roleOf(server.url), schema: 'public' },
    makeQueueSchema,
  );
  return {
    get url() {
      return server.url;
    },
    get superuserUrl() {
      return server.superuserUrl;
    },
    get port() {
      return Number(new URL(server.url).port);
    },
    get pid() {
      return server.pid;
    },
    async restart() {
      await server.stop();
      server = await open();
    },
    async stop() {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export interface TestDatabase {
  /** Logs in as the bot's role, which owns nothing. */
  readonly url: string;
  /** Logs in as the role that owns the database. */
  readonly ownerUrl: string;
  /** The same database, as a superuser: for looking on and for tampering. */
  readonly superuserUrl: string;
}

/** A fresh, empty database, its owner, and a role for the bot. */
export async function createDatabase({
  superuserUrl,
}: {
  readonly superuserUrl: string;
}): Promise<TestDatabase> {
  const name = `t_${randomBytes(6).toString('hex')}`;
  const bot = `${name}_bot`;
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    for (const role of [name, bot]) await client.query(`create role ${role} login password '${role}'`);
    await client.query(`create database ${name} owner ${name}`);
  } finally {
    await client.end();
  }
  const as = (role: string): string => {
    const url = new URL(superuserUrl);
    url.pathname = `/${name}`;
    url.username = role;
    url.password = role;
    return url.href;
  };
  const base = new URL(superuserUrl);
  base.pathname = `/${name}`;
  return { url: as(bot), ownerUrl: as(name), superuserUrl: base.href };
}

/** As `createDatabase`, migrated as `pageturner migrate` does. */
export async function createJournal(server: { readonly superuserUrl: string }): Promise<TestDatabase> {
  const database = await createDatabase(server);
  const { url, ownerUrl } = database;
  await migrateJournal({ ownerUrl, botRole: roleOf(url), schema: 'public' }, makeQueueSchema);
  return database;
}

/** A fresh journal on the run's own server. */
export const testDatabase = (): Promise<TestDatabase> =>
  createJournal({ superuserUrl: inject('postgresUrl') });

/** A fresh database on the run's own server, with nothing in it. */
export const emptyDatabase = (): Promise<TestDatabase> =>
  createDatabase({ superuserUrl: inject('postgresUrl') });
