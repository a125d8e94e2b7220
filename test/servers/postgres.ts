/** A real PostgreSQL for the whole test run, and a fresh database in it for whoever asks. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import { openEmbeddedPostgres } from '../../src/local/embedded-postgres.ts';

export interface PostgresServer {
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
  /** Logs in as an ordinary role that owns the database. */
  readonly url: string;
  /** The same database, as a superuser: for looking on and for tampering. */
  readonly superuserUrl: string;
}

/** A fresh database, and an ordinary role that owns it and may log in. */
export async function createDatabase({
  superuserUrl,
}: {
  readonly superuserUrl: string;
}): Promise<TestDatabase> {
  const name = `t_${randomBytes(6).toString('hex')}`;
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query(`create role ${name} login password '${name}'`);
    await client.query(`create database ${name} owner ${name}`);
  } finally {
    await client.end();
  }
  const base = new URL(superuserUrl);
  base.pathname = `/${name}`;
  const own = new URL(base);
  own.username = name;
  own.password = name;
  return { url: own.href, superuserUrl: base.href };
}

/** A fresh database on the run's own server. */
export const testDatabase = (): Promise<TestDatabase> =>
  createDatabase({ superuserUrl: inject('postgresUrl') });
