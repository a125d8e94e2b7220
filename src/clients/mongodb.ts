/** Connections to the MongoDB servers under care: a client per use, which always ends. */
import {
  type Document,
  MongoClient,
  MongoNetworkError,
  MongoServerError,
  MongoServerSelectionError,
} from 'mongodb';
import { networkError } from './network-error.ts';
import { refusedCredentials, TargetError } from './target-error.ts';

export interface MongoBounds {
  readonly signal: AbortSignal;
  /** Milliseconds for finding a server, connecting, and each answer. */
  readonly timeoutMs: number;
}

/** Runs a command in the admin database. */
export type MongoCommand = (command: Document) => Promise<Document>;

/** MongoDB's error codes: Unauthorized, AuthenticationFailed. */
const REFUSED = new Set([13, 18]);
/** The driver looks again by itself; a probe is over long before. */
const NEVER_MS = 600_000;

/** Throws a TargetError when no server can be reached, it refuses, or does not speak MongoDB. */
export async function askMongo<T>(
  url: string,
  bounds: MongoBounds,
  ask: (command: MongoCommand) => Promise<T>,
): Promise<T> {
  const { signal, timeoutMs } = bounds;
  signal.throwIfAborted();
  const client = new MongoClient(url, {
    appName: 'pageturner',
    maxPoolSize: 1,
    minPoolSize: 0,
    retryReads: false,
    serverSelectionTimeoutMS: timeoutMs,
    connectTimeoutMS: timeoutMs,
    socketTimeoutMS: timeoutMs,
    heartbeatFrequencyMS: NEVER_MS,
    serverMonitoringMode: 'poll',
  });
  // The driver looks for a server until its time is over; what stopped it the first time says more, and sooner.
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  client.on('serverHeartbeatFailed', (event) => failed.reject(event.failure));
  const abort = (): void => void client.close(true).catch(() => undefined);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([
      client.connect().then((open) => ask((command) => open.db('admin').command(command))),
      failed.promise,
    ]);
  } catch (error) {
    throw refusal(error);
  } finally {
    signal.removeEventListener('abort', abort);
    await client.close(true).catch(() => undefined);
  }
}

function refusal(error: unknown): unknown {
  if (error instanceof MongoServerError) {
    if (REFUSED.has(Number(error.code))) return refusedCredentials(`MongoDB ${error.code}`, error);
    return new TargetError('degraded', `answers, but refuses: ${error.message.slice(0, 100)}`, {
      cause: error,
    });
  }
  const network = networkError(error);
  if (network !== null) return network;
  if (error instanceof MongoServerSelectionError || error instanceof MongoNetworkError) {
    const closed = /connection \S+ to \S+ closed|Socket closed/u.test(error.message);
    const text = closed ? 'connection closed before it answered' : 'does not speak MongoDB';
    return new TargetError('down', text, { cause: error });
  }
  const unread = error instanceof Error && /[Mm]essage|BSON|opcode|buffer/u.test(error.message);
  return unread ? new TargetError('down', 'does not speak MongoDB', { cause: error }) : error;
}
