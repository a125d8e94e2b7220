/** BullMQ's connections to the queue's Redis: one server, or whichever the Sentinels say is the master now. */
import { Redis } from 'ioredis';
import { parseRedisAddress } from '../domain/redis-address.ts';

const SENTINEL_MS = 2000;
const SILENT_MS = 20_000;

export interface QueueConnection {
  readonly maxRetriesPerRequest: null;
  readonly enableOfflineQueue: boolean;
  readonly commandTimeout?: number;
  readonly retryStrategy: (times: number) => number;
}

/** @throws when `url` is no address of a Redis; the configuration has checked that. */
export function connectRedis(url: string, options: QueueConnection): Redis {
  const address = parseRedisAddress(url);
  if (address === null) throw new Error('REDIS_URL is not the address of a Redis');
  if (address.kind === 'server') return new Redis(address.url, options);
  const { tls, username, password, sentinelPassword, sentinels, name, db } = address;
  return new Redis({
    ...options,
    sentinels: sentinels.map((sentinel) => ({ ...sentinel })),
    name,
    db,
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
    ...(sentinelPassword === '' ? {} : { sentinelPassword }),
    ...(tls ? { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true } : {}),
    connectTimeout: SENTINEL_MS,
    sentinelCommandTimeout: SENTINEL_MS,
    sentinelRetryStrategy: (times: number) => Math.min(100 * times, 2000),
    // No `failoverDetector`: its disconnect in the middle of a connect ends a connection for good (ioredis 6). A master
    // that is gone closes its connections, one that hangs runs into this; BullMQ's own waits are shorter.
    socketTimeout: SILENT_MS,
    // A master that has become a replica: the next connection finds the new one.
    reconnectOnError: (error: Error) => (error.message.startsWith('READONLY') ? 2 : false),
  });
}
