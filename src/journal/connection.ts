/**
 * How the journal's server is spoken to. Settings are put by a statement after connecting, never among the parameters
 * of the start: a pooler refuses those it doesn't know (pgbouncer.org, "ignore_startup_parameters").
 */
import pg from 'pg';
import { JournalTrouble } from './journal-trouble.ts';
import { CalmClient, PreparedClient } from './pg-client.ts';
import { sayConnectionTrouble } from './say-connection-trouble.ts';

export interface JournalAddress {
  readonly url: string;
  /** Where its tables are. */
  readonly schema: string;
}

export const DEFAULT_SCHEMA = 'public';
const CONNECT_MS = 5000;
const BOUNDS = { statement_timeout: '30s', idle_in_transaction_session_timeout: '30s' };

export type Settings = Readonly<Record<string, string>>;

/** `sslmode` as libpq means it: `require` encrypts and does not ask who answers, unless `sslrootcert` is given. */
export function asLibpq(url: string): string {
  const address = new URL(url);
  if (address.searchParams.has('sslmode') && !address.searchParams.has('uselibpqcompat'))
    address.searchParams.set('uselibpqcompat', 'true');
  return address.href;
}

/** Names looked up without a schema are found there, and there alone. */
export const searchPath = (schema: string): Settings => ({
  search_path: schema === DEFAULT_SCHEMA ? schema : pg.escapeIdentifier(schema),
});

async function applySettings(client: pg.ClientBase, settings: Settings): Promise<void> {
  const set = Object.entries(settings).map(
    ([name, value]) => `set_config(${pg.escapeLiteral(name)}, ${pg.escapeLiteral(value)}, false)`,
  );
  await client.query(`select ${set.join(', ')}`);
}

/**
 * One connection, to be ended by whoever asked for it. `queryMs`: for one answer; left out, as long as it takes.
 * @throws what `sayConnectionTrouble` can name.
 */
export async function connectJournal(
  { url, schema }: JournalAddress,
  bounds: { readonly connectMs?: number; readonly queryMs?: number } = {},
): Promise<pg.Client> {
  const client = new CalmClient({
    connectionString: asLibpq(url),
    connectionTimeoutMillis: bounds.connectMs ?? CONNECT_MS,
    ...(bounds.queryMs === undefined ? {} : { query_timeout: bounds.queryMs }),
  });
  await client.connect();
  try {
    await applySettings(client, searchPath(schema));
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
  return client;
}

/** The same, where a person waits. @throws JournalTrouble in one line that names the variable. */
export async function connectOrSay(address: JournalAddress, variable = 'DATABASE_URL'): Promise<pg.Client> {
  try {
    return await connectJournal(address);
  } catch (error) {
    const said = sayConnectionTrouble(variable, error);
    throw said === null ? error : new JournalTrouble([said], error);
  }
}

/** A pool; every connection of it has these settings, and statements that come with values are prepared once. */
export function openPool(
  url: string,
  options: {
    readonly max: number;
    readonly settings: Settings;
    readonly prepares: boolean;
    readonly onError: (error: Error) => void;
  },
): pg.Pool {
  const settings = { ...BOUNDS, ...options.settings };
  const pool = new pg.Pool({
    Client: options.prepares ? PreparedClient : CalmClient,
    connectionString: asLibpq(url),
    max: options.max,
    connectionTimeoutMillis: CONNECT_MS,
    idleTimeoutMillis: 30_000,
    application_name: 'pageturner',
    keepAlive: true,
    // A server that answers nothing at all: the connection is given up soon after the server's own limit.
    query_timeout: 40_000,
    onConnect: (client) => applySettings(client, settings),
  });
  pool.on('error', options.onError);
  return pool;
}
