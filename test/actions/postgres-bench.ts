/** A real PostgreSQL (Debian's, whose pg_dump fits it) with a database of payments, and a folder for backups. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { NOTHING_DECLARED, type Target } from '../../src/domain/target.ts';
import { type DebianPostgres, runSql, startDebianPostgres } from '../servers/postgres-debian.ts';
import { target } from './fixtures.ts';

export const DATABASE = 'dbis_core';
export const GONE = {
  target: { url: 'postgres://postgres:not-to-be-shown@127.0.0.1:1/dbis_core' },
  says: /ECONNREFUSED|connection refused/u,
};

export interface PostgresBench {
  readonly server: DebianPostgres;
  readonly url: string;
  readonly target: Target;
  readonly backupDir: string;
  /** The database made anew, with its rows; the folder empty. */
  fill(): Promise<void>;
  /** Another database under the same name, with the same rows. */
  replace(): Promise<void>;
  query<T extends object>(sql: string, database?: string): Promise<readonly T[]>;
  /** Finished files in the folder. */
  files(): readonly string[];
  stop(): Promise<void>;
}

export async function startPostgresBench(): Promise<PostgresBench> {
  const server = await startDebianPostgres();
  const backupDir = mkdtempSync(join(tmpdir(), 'pageturner-backups-'));
  const inDatabase = (name: string): string => server.superuserUrl.replace(/postgres$/u, name);
  const url = inDatabase(DATABASE);
  const make = async () => {
    await runSql(
      server.superuserUrl,
      `drop database if exists ${DATABASE} with (force)`,
      `create database ${DATABASE}`,
    );
    await runSql(
      url,
      'create table payments (id int primary key, amount numeric, note text)',
      `insert into payments select n, n * 1.5, E'line one\\nline "two", ' || n from generate_series(1, 200) n`,
      'create table audit_logs (id int, what text, at timestamptz)',
      `insert into audit_logs select n, 'did ' || n, '2024-01-01' from generate_series(1, 50) n`,
    );
  };
  return {
    server,
    url,
    backupDir,
    target: target({
      system: 'dbis-core',
      service: 'postgres',
      url,
      declared: { ...NOTHING_DECLARED, backupDir },
    }),
    async fill() {
      rmSync(backupDir, { recursive: true, force: true });
      mkdirSync(backupDir);
      await make();
    },
    replace: make,
    async query<T extends object>(sql: string, database = DATABASE): Promise<readonly T[]> {
      const client = new pg.Client({ connectionString: inDatabase(database) });
      await client.connect();
      try {
        return (await client.query<T>(sql)).rows;
      } finally {
        await client.end();
      }
    },
    files: () => readdirSync(backupDir).filter((name) => !name.startsWith('.')),
    async stop() {
      await server.stop();
      rmSync(backupDir, { recursive: true, force: true });
    },
  };
}

/** What the contract suite needs of an action that reads, and may leave a file. */
export async function readingBench(settings: Readonly<Record<string, unknown>>) {
  const bench = await startPostgresBench();
  return {
    target: bench.target,
    settings,
    gone: GONE,
    fill: bench.fill,
    // What such an action takes away is that there is no file.
    state: async () => (bench.files().length === 0 ? { missing: 'a file' } : {}),
    changes: async () => bench.files().length,
    replace: bench.replace,
    own: <T>(plan: T): T => plan,
    stop: bench.stop,
  };
}
