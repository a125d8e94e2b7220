/** Connections to the MySQL and MariaDB servers under care: one per use, which always ends. */
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { guardedSocket } from './guarded-socket.ts';
import { handshakeError } from './network-error.ts';
import { refusedCredentials, TargetError } from './target-error.ts';

export interface MysqlBounds {
  readonly signal: AbortSignal;
  /** Milliseconds for connecting. */
  readonly timeoutMs: number;
}

const MAX_ANSWER_BYTES = 4_194_304;
/** MySQL's error numbers (dev.mysql.com, "Server Error Message Reference"). */
const REFUSED = new Set([1044, 1045, 1130, 1698]);
const TOO_MANY_CONNECTIONS = 1040;

/** Throws a TargetError when the server can't be reached, refuses, or does not speak MySQL. */
export async function askMysql<T>(
  url: string,
  bounds: MysqlBounds,
  ask: (query: (sql: string) => Promise<RowDataPacket[]>) => Promise<T>,
): Promise<T> {
  const address = new URL(url);
  // Loaded at the first use: who only reads a catalog needs no drivers.
  const { createConnection } = await import('mysql2/promise');
  const host = address.hostname.replace(/^\[|\]$/gu, '');
  const port = address.port === '' ? 3306 : Number(address.port);
  const socket = guardedSocket({ signal: bounds.signal, maxBytes: MAX_ANSWER_BYTES });
  let connection: Connection | null = null;
  try {
    connection = await createConnection({
      stream: () => socket.connect({ host, port }),
      user: decodeURIComponent(address.username),
      password: decodeURIComponent(address.password),
      connectTimeout: bounds.timeoutMs,
      ...database(address),
      ...tls(address, host),
    });
    const open = connection;
    // A connection that breaks between two queries says so here; the next query then fails with it.
    open.on('error', () => undefined);
    return await ask(async (sql) => (await open.query<RowDataPacket[]>(sql))[0]);
  } catch (error) {
    throw refusal(error) ?? handshakeError(error, 'MySQL');
  } finally {
    // The goodbye is written at once, else the server counts an aborted client; its answer is not waited for.
    connection?.end().catch(() => undefined);
    socket.destroySoon();
  }
}

function database(address: URL): { database?: string } {
  const name = decodeURIComponent(address.pathname.slice(1));
  return name === '' ? {} : { database: name };
}

/** `?ssl-mode=REQUIRED`, `VERIFY_CA` or `VERIFY_IDENTITY`, as MySQL's own programs write it. */
function tls(address: URL, host: string): { ssl?: { rejectUnauthorized: boolean; verifyIdentity: boolean } } {
  const mode = address.searchParams.get('ssl-mode')?.toUpperCase() ?? 'DISABLED';
  if (mode === 'DISABLED' || mode === 'PREFERRED' || host === '') return {};
  return { ssl: { rejectUnauthorized: mode !== 'REQUIRED', verifyIdentity: mode === 'VERIFY_IDENTITY' } };
}

/** Null when it isn't the server that speaks: its own errors have a number and an SQL state. */
function refusal(error: unknown): TargetError | null {
  if (!(error instanceof Error) || !('errno' in error) || typeof error.errno !== 'number') return null;
  if (!('sqlState' in error) || error.errno < 1000) return null;
  if (REFUSED.has(error.errno)) return refusedCredentials(`MySQL ${error.errno}`, error);
  const text = error.errno === TOO_MANY_CONNECTIONS ? 'too many connections' : error.message.slice(0, 100);
  return new TargetError('degraded', `answers, but refuses: ${text}`, { cause: error });
}
