/** The journal's pool: PostgreSQL, migrated, with a role that can't rewrite the audit log. */
import pg from 'pg';
import { migrate } from './migrate.ts';
import { PreparedClient } from './pg-client.ts';
import { createWriteTrouble, type WriteTrouble } from './write-trouble.ts';

export interface Journal {
  readonly pool: pg.Pool;
  /** Its commits may be lost with the server's last moments: only for what Slack itself can tell again. */
  readonly loose: pg.Pool;
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

/** Any fixed number: the advisory lock of processes that set their rights. */
const RIGHTS_LOCK = 428_003;

/** Migrates, then sets the rights: one process at a time, as two that change the rights of one table at once fail. */
async function prepare(client: pg.ClientBase): Promise<string | null> {
  await migrate(client);
  await client.query('select pg_advisory_lock($1)', [RIGHTS_LOCK]);
  try {
    return await setRights(client);
  } finally {
    await client.query('select pg_advisory_unlock($1)', [RIGHTS_LOCK]);
  }
}

/** The role to use; null: the one that logged in. */
async function setRights(client: pg.ClientBase): Promise<string | null> {
  const { rows } = await client.query<{ superuser: boolean; name: string }>(
    `select rolsuper as superuser, rolname as name from pg_roles where rolname = current_user`,
  );
  const superuser = rows[0]?.superuser ?? false;
  if (!superuser) {
    await client.query('revoke update, delete, truncate on audit_entries from current_user');
    return null;
  }
  await client.query(`do $$ begin
    if not exists (select 1 from pg_roles where rolname = '${BOT_ROLE}') then create role ${BOT_ROLE} nologin; end if;
  exception when duplicate_object or unique_violation then null; end $$`);
  await client.query(`grant select, insert, update, delete on all tables in schema public to ${BOT_ROLE}`);
  await client.query(`grant usage on all sequences in schema public to ${BOT_ROLE}`);
  await client.query(`revoke update, delete, truncate on audit_entries from ${BOT_ROLE}`);
  return BOT_ROLE;
}

/**
 * Connects, migrates and opens the pool. Retries for `patienceMs` while the server can't be reached.
 * @throws when the server can't be reached in time, or a migration fails.
 */
export async function openJournal(options: {
  readonly url: string;
  readonly max?: number;
  readonly onError: (error: Error) => void;
}): Promise<Journal> {
  const client = new pg.Client({ connectionString: options.url, connectionTimeoutMillis: 5000 });
  await client.connect();
  let role: string | null;
  try {
    role = await prepare(client);
  } finally {
    await client.end();
  }
  const open = (max: number, settings: readonly string[]): pg.Pool => {
    const all = [...(role === null ? [] : [`role=${role}`]), ...settings];
    const pool = new pg.Pool({
      Client: PreparedClient,
      connectionString: options.url,
      max,
      connectionTimeoutMillis: 5000,
      idleTimeoutMillis: 30_000,
      statement_timeout: 30_000,
      // A server that answers nothing at all: the connection is given up soon after the server's own limit.
      query_timeout: 40_000,
      idle_in_transaction_session_timeout: 30_000,
      application_name: 'pageturner',
      ...(all.length === 0 ? {} : { options: all.map((setting) => `-c ${setting}`).join(' ') }),
    });
    pool.on('error', options.onError);
    return pool;
  };
  const pool = open(options.max ?? 12, []);
  const loose = open(LOOSE_CONNECTIONS, ['synchronous_commit=off']);
  return {
    pool,
    loose,
    writes: createWriteTrouble(pool),
    async close() {
      await Promise.all([pool.end(), loose.end()]);
    },
  };
}

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
