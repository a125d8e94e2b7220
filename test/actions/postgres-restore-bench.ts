/** The same PostgreSQL with a dump in its folder, and rows that came after the dump. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { debianPostgresPrograms, runSql } from '../servers/postgres-debian.ts';
import { waitFor } from '../servers/program.ts';
import { DATABASE, GONE, type PostgresBench, startPostgresBench } from './postgres-bench.ts';

const run = promisify(execFile);
export const PLAIN = 'dbis_core_20240101.sql.gz';
export const CUSTOM = 'dbis_core_20240101.dump';

export interface RestoreBench extends PostgresBench {
  /** Oid of the database of that name now, or null. */
  oid(name?: string): Promise<string | null>;
  /** Dumps it as it is now, in both forms. */
  dump(): Promise<void>;
  /** Databases beside it: `dbis_core_before_…`, `dbis_core_new_…`. */
  beside(): Promise<readonly string[]>;
}

export async function startRestoreBench(): Promise<RestoreBench> {
  const bench = await startPostgresBench();
  const bin = await debianPostgresPrograms();
  const beside = async () => {
    const found = await bench.query<{ datname: string }>(
      `select datname from pg_database where datname like '${DATABASE}\\_%' order by 1`,
      'postgres',
    );
    return found.map(({ datname }) => datname);
  };
  const dumpBoth = async (): Promise<void> => {
    const dump = (...args: string[]) =>
      run(join(bin, 'pg_dump'), [...args, bench.url], { encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 });
    const plain = await dump('--format=plain');
    writeFileSync(join(bench.backupDir, PLAIN), gzipSync(plain.stdout));
    const custom = await dump('--format=custom');
    writeFileSync(join(bench.backupDir, CUSTOM), custom.stdout);
  };
  const after = () =>
    runSql(
      bench.url,
      'create table since_the_dump (id int)',
      'insert into since_the_dump values (1), (2)',
      'delete from payments where id > 10',
    );
  return {
    ...bench,
    beside,
    dump: dumpBoth,
    async oid(name = DATABASE) {
      const [row] = await bench.query<{ oid: string }>(
        `select oid::text as oid from pg_database where datname = '${name}'`,
        'postgres',
      );
      return row?.oid ?? null;
    },
    async fill() {
      for (const name of await beside())
        await runSql(bench.server.superuserUrl, `drop database ${name} with (force)`);
      await bench.fill();
      await dumpBoth();
      await after();
    },
    async replace() {
      await bench.replace();
      await after();
    },
  };
}

/** What the contract suite needs. */
export async function restoreBench() {
  const bench = await startRestoreBench();
  let first: string | null = null;
  // What a killed bot has begun is over before it is looked at.
  const settled = () =>
    waitFor('no session of the bot at work', 10_000, async () => {
      // One that only waits for its next statement, while the act is announced, does nothing.
      const left = await bench.query(
        "select from pg_stat_activity where application_name = 'pageturner' and state <> 'idle'",
        'postgres',
      );
      return left.length === 0;
    });
  return {
    target: bench.target,
    settings: { file: PLAIN },
    gone: GONE,
    fill: async () => {
      await settled();
      await bench.fill();
      first = await bench.oid();
    },
    // What a restore takes away: what came since the dump.
    state: async () => {
      await settled();
      const tables = await bench.query<{ name: string }>(
        "select relname as name from pg_class where relname = 'since_the_dump'",
      );
      return Object.fromEntries(tables.map(({ name }) => [name, 'there']));
    },
    changes: async () => {
      await settled();
      return (await bench.oid()) === first ? 0 : 1;
    },
    replace: bench.replace,
    own: <T>(plan: T): T => plan,
    stop: bench.stop,
  };
}
