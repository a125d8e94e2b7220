/** Fresh databases in no time: each is a copy of one that is migrated already. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { migrateJournal } from '../../src/journal/migrate-journal.ts';
import { makeQueueSchema } from '../../src/journal/queue-schema.ts';
import { type PostgresServer, startPostgres } from '../servers/postgres.ts';

export interface Databases {
  /** A copy of the migrated one; the URL is the bot's, which owns nothing. */
  fresh(): Promise<Database>;
  /** What the server wrote in its own log about this database, line by line; needs `logStatements`. */
  statements(name: string): readonly string[];
  stop(): Promise<void>;
}

export interface Database {
  readonly name: string;
  readonly url: string;
  query<R extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<readonly R[]>;
  drop(): Promise<void>;
}

const OWNER = 'faults_owner';
const BOT = 'faults';

/** `logStatements`: the server logs every statement, under the name of its database. */
export async function openDatabases(options: { readonly logStatements: boolean }): Promise<Databases> {
  const server = await startPostgres();
  const admin = new pg.Client({ connectionString: server.superuserUrl });
  admin.on('error', () => undefined);
  await admin.connect();
  for (const role of [OWNER, BOT]) await admin.query(`create role ${role} login password '${role}'`);
  await admin.query(`create database template_of_faults owner ${OWNER}`);
  const ownerUrl = urlOf(server, 'template_of_faults', OWNER);
  await migrateJournal({ ownerUrl, botRole: BOT, schema: 'public' }, makeQueueSchema);
  if (options.logStatements) {
    await admin.query(`alter system set log_statement = 'all'`);
    await admin.query(`alter system set log_line_prefix = '%d|'`);
    await admin.query('select pg_reload_conf()');
  }
  const { rows } = await admin.query<{ folder: string }>(
    `select current_setting('data_directory') as folder`,
  );
  const log = join(dirname(rows[0]?.folder ?? ''), 'postgres.log');
  // One at a time: PostgreSQL copies a database only while nobody uses it.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
  return {
    fresh: () =>
      inTurn(async () => {
        const name = `f_${randomBytes(5).toString('hex')}`;
        await admin.query(`create database ${name} template template_of_faults owner ${OWNER}`);
        const url = urlOf(server, name);
        const client = new pg.Client({ connectionString: superuserUrlOf(server, name) });
        client.on('error', () => undefined);
        await client.connect();
        return {
          name,
          url,
          query: async (text, values = []) => (await client.query(text, [...values])).rows,
          async drop() {
            await client.end();
            await inTurn(() => admin.query(`drop database ${name} with (force)`));
          },
        };
      }),
    statements: (name) =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => line.startsWith(`${name}|`)),
    async stop() {
      await admin.end();
      await server.stop();
    },
  };
}

function urlOf(server: PostgresServer, database: string, role = BOT): string {
  const url = new URL(server.superuserUrl);
  url.username = role;
  url.password = role;
  url.pathname = `/${database}`;
  return url.href;
}

function superuserUrlOf(server: PostgresServer, database: string): string {
  const url = new URL(server.superuserUrl);
  url.pathname = `/${database}`;
  return url.href;
}
