/** The journal's pool: PostgreSQL, migrated, with a role that can't rewrite the audit log. */
import pg from 'pg';
import type { Environment } from '../domain/target.ts';
import { checkServer } from './check-server.ts';
import { connectOrSay, DEFAULT_SCHEMA, type JournalAddress, openPool, searchPath } from './connection.ts';
import { type JournalRole, readJournalRole, refuseTooMuch } from './journal-role.ts';
import { JournalTrouble } from './journal-trouble.ts';
import { dueMigrations } from './migrate.ts';
import { migrateJournal } from './migrate-journal.ts';
import { createWriteTrouble, type WriteTrouble } from './write-trouble.ts';

export interface Journal {
  readonly pool: pg.Pool;
  /** Its commits may be lost with the server's last moments: only for what Slack itself can tell again. */
  readonly loose: pg.Pool;
  /** What its connections take after logging in; null: the role that logged in. */
  readonly role: string | null;
  /** Whether the server, which may answer, takes writes. */
  readonly writes: WriteTrouble;
  close(): Promise<void>;
}

/** Whatever queries can be put to: a transaction's client, or the pool for a single read. */
export interface Tx {
  query<R extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<pg.QueryResult<R>>;
}

/** Rows in which somebody else was faster: the whole use case is decided again from what is there now. */
export class Conflict extends Error {
  constructor(what: string) {
    super(`${what} was changed by someone else meanwhile`);
    this.name = 'Conflict';
  }
}

const LOOSE_CONNECTIONS = 4;
/** The role for a superuser's URL; a URL of an ordinary role uses that role itself. */
const BOT_ROLE = 'pageturner_bot';

export interface JournalOptions extends Partial<JournalAddress> {
  readonly url: string;
  /** In `prod` a role that could rewrite the audit log is refused. */
  readonly environment?: Environment;
  readonly max?: number;
  readonly onError: (error: Error) => void;
  /** What else the owner of the journal makes beside its tables. */
  readonly more?: (client: pg.ClientBase, grantee: string | null) => Promise<void>;
}

/**
 * Connects, migrates where its role owns the journal, and opens the pool.
 * @throws JournalTrouble when the address, the server, or the role there won't do; the line says what to set or to run.
 */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { url, schema = DEFAULT_SCHEMA } = options;
  const role = await prepare(options, schema);
  const settings = { ...searchPath(schema), ...(role === null ? {} : { role }) };
  const { onError } = options;
  const pool = openPool(url, { max: options.max ?? 12, settings, prepares: true, onError });
  const loose = openPool(url, {
    max: LOOSE_CONNECTIONS,
    settings: { ...settings, synchronous_commit: 'off' },
    prepares: true,
    onError,
  });
  return {
    pool,
    loose,
    role,
    writes: createWriteTrouble(pool),
    async close() {
      await Promise.all([pool.end(), loose.end()]);
    },
  };
}

/** The role to use; null: the one that logged in. */
async function prepare(options: JournalOptions, schema: string): Promise<string | null> {
  const client = await connectOrSay({ url: options.url, schema });
  try {
    await checkServer(client, { url: options.url, schema });
    return await prepareAs(client, options, schema);
  } finally {
    await client.end();
  }
}

async function prepareAs(
  client: pg.ClientBase,
  { url, environment, more = async () => undefined }: JournalOptions,
  schema: string,
): Promise<string | null> {
  const role = await readJournalRole(client, schema);
  if (environment === 'prod') refuseTooMuch(role, databaseOf(url));
  if (role.superuser) {
    await client.query(`do $$ begin
      if not exists (select 1 from pg_roles where rolname = '${BOT_ROLE}') then create role ${BOT_ROLE} nologin; end if;
    exception when duplicate_object or unique_violation then null; end $$`);
    await migrateJournal({ ownerUrl: url, botRole: BOT_ROLE, schema }, more);
    return BOT_ROLE;
  }
  const due = await dueMigrations(client);
  if (!role.owns && due.length > 0 && (environment === 'prod' || !role.makesTables))
    throw notMigrated(due, role, url);
  if (role.owns || due.length > 0) await migrateJournal({ ownerUrl: url, botRole: role.name, schema }, more);
  return null;
}

function notMigrated(due: readonly string[], role: JournalRole, url: string): JournalTrouble {
  const database = databaseOf(url);
  return new JournalTrouble([
    `DATABASE_URL: the journal in ${database} lacks ${due.length} of its migrations (${due[0]} …), and the role ${role.name} doesn't own it; run: DATABASE_OWNER_URL=postgres://OWNER:…@HOST/${database} pageturner migrate`,
  ]);
}

const databaseOf = (url: string): string => decodeURIComponent(new URL(url).pathname.slice(1));

const RETRIED = new Set(['40001', '40P01', '23505']);

/** Values that no attempt will ever write (PostgreSQL's error classes 22, data exception, and 54, limit exceeded). */
export const isUnholdable = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && /^(?:22|54)/u.test(error.code ?? '');

/** Something in what was written, rather than the journal itself: that, or a lost race (classes 23 and 40). */
export const isAboutData = (error: unknown): boolean =>
  isUnholdable(error) || (error instanceof pg.DatabaseError && /^(?:23|40)/u.test(error.code ?? ''));

/**
 * Runs `work` in one transaction. A serialisation failure, a lost race for a unique key or a `Conflict` starts it
 * again, up to five times; then the last error is thrown.
 */
export async function transact<T>(journal: Journal, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const client = await journal.pool.connect();
    let broken: Error | undefined;
    try {
      await client.query('begin');
      const result = await work(client);
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch((failure: Error) => {
        broken = failure;
      });
      const code = error instanceof pg.DatabaseError ? error.code : undefined;
      const again = error instanceof Conflict || (code !== undefined && RETRIED.has(code));
      if (!again || attempt >= 5) {
        journal.writes.note(error);
        throw error;
      }
    } finally {
      client.release(broken);
    }
  }
}
