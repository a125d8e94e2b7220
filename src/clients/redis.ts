/** Connections to the Redis servers under care: one per use, never reconnecting, nothing sent twice. */

import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { AbstractConnector, Redis } from 'ioredis';
import { guard } from './guarded-socket.ts';

export interface RedisOptions {
  readonly signal: AbortSignal;
  /** Milliseconds for connecting and for each command. */
  readonly timeoutMs: number;
  /** The database to use instead of the one in the URL. */
  readonly db?: number;
  /** Bytes of answers, past which the connection is broken off; without bound by default. */
  readonly maxBytes?: number;
}

/**
 * Opens one connection and waits until it is ready. It never reconnects and never sends a command again
 * (docs/design.md, invariant 3): when it breaks, pending commands reject. Disposed with `closeRedis` or by the signal.
 */
export async function openRedis(url: string, options: RedisOptions): Promise<Redis> {
  options.signal.throwIfAborted();
  const redis = new Redis(withoutOptions(url, options.db), {
    lazyConnect: true,
    retryStrategy: null,
    reconnectOnError: null,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    connectTimeout: options.timeoutMs,
    commandTimeout: options.timeoutMs,
    Connector: connectorTo(url, options),
  });
  let firstError: Error | null = null;
  redis.on('error', (error: Error) => {
    firstError ??= error;
  });
  const abort = () => redis.disconnect(false);
  options.signal.addEventListener('abort', abort, { once: true });
  redis.once('end', () => options.signal.removeEventListener('abort', abort));
  try {
    await redis.connect();
    // ioredis only emits an error when its own SELECT fails, and goes on in database 0.
    const db = redis.options.db ?? 0;
    if (db !== 0) await redis.select(db);
    return redis;
  } catch (error) {
    redis.disconnect(false);
    throw firstError ?? error;
  }
}

/** In ioredis the URL's database and query win over the options: a `?retryStrategy=` must not undo ours. */
function withoutOptions(url: string, db: number | undefined): string {
  const address = new URL(url);
  address.search = '';
  if (db !== undefined) address.pathname = `/${db}`;
  return address.href;
}

/**
 * ioredis ends a socket politely and destroys it two seconds later; ours is destroyed at once, at the signal
 * and at the bound, so that a server that never closes holds nothing.
 */
function connectorTo(url: string, options: RedisOptions) {
  const address = new URL(url);
  const host = address.hostname.replace(/^\[|\]$/gu, '') || '127.0.0.1';
  const port = address.port === '' ? 6379 : Number(address.port);
  const bounds = { signal: options.signal, maxBytes: options.maxBytes ?? Number.POSITIVE_INFINITY };
  return class extends AbstractConnector {
    constructor() {
      super(0);
    }
    override async connect(): Promise<Socket> {
      this.connecting = true;
      const socket =
        address.protocol === 'rediss:'
          ? connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}) })
          : connectPlain({ host, port });
      this.stream = guard(socket, bounds);
      socket.once('error', (error: Error) => {
        this.firstError = error;
      });
      return socket;
    }
    override disconnect(): void {
      this.connecting = false;
      this.stream?.destroy();
    }
  };
}

export function closeRedis(redis: Redis): void {
  redis.disconnect(false);
}

/** `INFO section` as names and values. */
export async function redisInfo(redis: Redis, section?: string): Promise<Readonly<Record<string, string>>> {
  const text = section === undefined ? await redis.info() : await redis.info(section);
  const pairs = text
    .split('\r\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1)];
    });
  return Object.fromEntries(pairs);
}
