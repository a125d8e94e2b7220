/** Debian's own PostgreSQL on a port of its own, with its client programs: what backups are made with, and of. */
import { execFile } from 'node:child_process';
import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { asServerUser, isRoot } from '../../src/local/embedded-postgres-programs.ts';
import { findProgram, freePort } from './program.ts';
import { runProgram } from './run-program.ts';

const run = promisify(execFile);
const VERSIONS = '/usr/lib/postgresql';
const START_MS = 30_000;
const NOBODY = 65_534;

export interface DebianPostgres {
  /** A superuser without a password (the server trusts who comes from this machine). */
  readonly superuserUrl: string;
  readonly port: number;
  readonly dataDir: string;
  stop(): Promise<void>;
}

/** Where the newest version's programs are. @throws with what to install. */
export async function debianPostgresPrograms(): Promise<string> {
  await findProgram('pg_createcluster', 'postgresql');
  const [newest] = readdirSync(VERSIONS).sort((a, b) => Number(b) - Number(a));
  return join(VERSIONS, newest ?? '', 'bin');
}

export async function startDebianPostgres(): Promise<DebianPostgres> {
  const bin = await debianPostgresPrograms();
  const dir = mkdtempSync(join(tmpdir(), 'pageturner-pg-debian-'));
  if (isRoot()) chownSync(dir, NOBODY, NOBODY);
  const data = join(dir, 'data');
  await run(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    {
      ...asServerUser(),
      cwd: dir,
    },
  );
  const port = await freePort();
  const superuserUrl = `postgres://postgres:not-to-be-shown@127.0.0.1:${port}/postgres`;
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    shared_buffers: '16MB',
    fsync: 'off',
    // For what holds a database and is no session.
    max_prepared_transactions: 2,
  };
  const running = await runProgram(join(bin, 'postgres'), {
    args: ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    cwd: dir,
    ...(isRoot() ? { uid: NOBODY } : {}),
    deadlineMs: START_MS,
    ready: () => answers(superuserUrl),
  });
  return {
    superuserUrl,
    port,
    dataDir: data,
    async stop() {
      // Fast shutdown: clients that a killed test has left are ended.
      await running.stop('SIGINT');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Runs statements as the superuser, in the database of the address. */
export async function runSql(url: string, ...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
