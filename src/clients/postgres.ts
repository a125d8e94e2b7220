/** Connections to the PostgreSQL servers under care: one per use, read-only unless asked otherwise, which always ends. */
import type pg from 'pg';
import { guardedSocket } from './guarded-socket.ts';
import { codeOf, handshakeError, networkError } from './network-error.ts';
import { refusedCredentials, TargetError } from './target-error.ts';

export interface PostgresBounds {
  readonly signal: AbortSignal;
  /** Milliseconds for connecting and for each statement, which the server itself ends then. */
  readonly timeoutMs: number;
  /** Another database of the same server than the address names. */
  readonly database?: string;
  /** Bytes received, past which the connection ends; 4 MiB unless told. */
  readonly maxBytes?: number;
  /** For the one action that changes a database: transactions may write. */
  readonly writes?: true;
}

const MAX_ANSWER_BYTES = 4_194_304;
/** SQLSTATEs (postgresql.org, "PostgreSQL Error Codes"), class 28: invalid authorization. */
const REFUSED = /^28...$/u;
/** Who we are is not in doubt: the role is signed in and lacks a right. */
export const NOT_PERMITTED = '42501';
const REASONS: Readonly<Record<string, string>> = {
  '53300': 'too many connections',
  '57P03': 'cannot connect now: it is starting up or shutting down',
  '57P01': 'an administrator is shutting it down',
  '57014': 'the statement took too long',
};

/** Throws a TargetError when the server can't be reached, refuses, or does not speak PostgreSQL. */
export async function askPostgres<T>(
  url: string,
  bounds: PostgresBounds,
  ask: (client: pg.ClientBase) => Promise<T>,
): Promise<T> {
  // Loaded at the first use: who only reads a catalog needs no drivers.
  const { default: driver } = await import('pg');
  const socket = guardedSocket({ signal: bounds.signal, maxBytes: bounds.maxBytes ?? MAX_ANSWER_BYTES });
  const client = new driver.Client({
    connectionString: bounds.database === undefined ? url : inDatabase(url, bounds.database),
    stream: () => socket,
    connectionTimeoutMillis: bounds.timeoutMs,
    statement_timeout: bounds.timeoutMs,
    application_name: 'pageturner',
    options: bounds.writes === true ? '' : '-c default_transaction_read_only=on',
  });
  // Errors reach whoever waits for an answer; without a listener one between two queries would end the process.
  client.on('error', () => undefined);
  let connected = false;
  try {
    await client.connect();
    connected = true;
    return await ask(client);
  } catch (error) {
    const told = refusal(error) ?? noPassword(error);
    // What fails once it has answered isn't the protocol; an error of `ask` itself goes on as it is.
    throw told ?? (connected ? (networkError(error) ?? error) : handshakeError(error, 'PostgreSQL'));
  } finally {
    // The goodbye is written at once; the answer to it is not waited for.
    client.end().catch(() => undefined);
    socket.destroySoon();
  }
}

const CHECK_MS = 1000;

/**
 * Makes the server end a statement soon after its client has gone; by itself it only notices when it next sends
 * something. For statements that may take long. PostgreSQL 14 and later, on systems that can tell; else nothing.
 */
export async function endWithClient(client: pg.ClientBase): Promise<void> {
  await client.query(`set client_connection_check_interval = ${CHECK_MS}`).catch((error: unknown) => {
    if (refusal(error) === null) throw error;
  });
}

/** The same server and user, another database. */
export function inDatabase(url: string, database: string): string {
  const address = new URL(url);
  address.pathname = `/${encodeURIComponent(database)}`;
  return address.href;
}

function refusal(error: unknown): TargetError | null {
  // The server's own errors have a severity and an SQLSTATE; the driver's and the network's don't.
  if (!(error instanceof Error) || !('severity' in error)) return null;
  const code = codeOf(error);
  if (REFUSED.test(code)) return refusedCredentials(`PostgreSQL ${code}`, error);
  const said = error.message.slice(0, 100);
  if (code === NOT_PERMITTED)
    return new TargetError('degraded', `answers, but this is not permitted (${said})`, { cause: error });
  return new TargetError('degraded', `answers, but refuses: ${REASONS[code] ?? said}`, { cause: error });
}

/** The server asks for a password and the address has none: the driver gives up by itself. */
function noPassword(error: unknown): TargetError | null {
  const asked = error instanceof Error && /client password must be a string/u.test(error.message);
  return asked ? refusedCredentials('no password is set', error) : null;
}
