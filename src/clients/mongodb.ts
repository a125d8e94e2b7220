/** Connections to the MongoDB servers under care: a client per use, which always ends. */
import type { Document, MongoClient, MongoClientOptions } from 'mongodb';
import { guardingSockets } from './guarded-socket.ts';
import { mongoFraming } from './mongodb-framing.ts';
import { networkError } from './network-error.ts';
import { refusedCredentials, TargetError } from './target-error.ts';

export interface MongoBounds {
  readonly signal: AbortSignal;
  /** Milliseconds for finding a server, connecting, and each answer. */
  readonly timeoutMs: number;
  /** Bytes received, past which the connection ends; 8 MiB unless told. */
  readonly maxBytes?: number;
}

/** Runs a command in the admin database. */
export type MongoCommand = (command: Document) => Promise<Document>;

/** MongoDB's error codes: Unauthorized, AuthenticationFailed. */
const REFUSED = new Set([13, 18]);
const MAX_ANSWER_BYTES = 8_388_608;
/** The driver looks again by itself; a probe is over long before. */
const NEVER_MS = 600_000;

/** Throws a TargetError when no server can be reached, it refuses, or does not speak MongoDB. */
export async function askMongo<T>(
  url: string,
  bounds: MongoBounds,
  ask: (command: MongoCommand, client: MongoClient) => Promise<T>,
): Promise<T> {
  const { signal } = bounds;
  // Loaded at the first use: who only reads a catalog needs no drivers.
  const { MongoClient: Client } = await import('mongodb');
  signal.throwIfAborted();
  // The driver's close leaves a socket alone that waits for its first answer: aborting this one does not.
  const ended = new AbortController();
  const socketBounds = {
    signal: AbortSignal.any([signal, ended.signal]),
    protocol: { name: 'MongoDB', accepts: mongoFraming },
    maxBytes: bounds.maxBytes ?? MAX_ANSWER_BYTES,
  };
  return guardingSockets(socketBounds, async () => {
    const client = new Client(url, { ...clientOptions(bounds), ...lone(url) });
    const failed = Promise.withResolvers<never>();
    failed.promise.catch(() => undefined);
    // The driver looks for a server until its time is over; what stopped it at the last address says more, and sooner.
    const { srvHost, hosts } = client.options;
    const untried = new Set(hosts.map(String));
    client.on('serverHeartbeatFailed', (event) => {
      untried.delete(event.connectionId);
      if (untried.size === 0 && srvHost === undefined) failed.reject(event.failure);
    });
    const abort = (): void => void client.close(true).catch(() => undefined);
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await Promise.race([
        client.connect().then((open) => ask((command) => open.db('admin').command(command), open)),
        failed.promise,
      ]);
    } catch (error) {
      throw refusal(error);
    } finally {
      signal.removeEventListener('abort', abort);
      await client.close(true).catch(() => undefined);
      ended.abort();
    }
  });
}

function clientOptions({ timeoutMs }: MongoBounds): MongoClientOptions {
  return {
    appName: 'pageturner',
    maxPoolSize: 1,
    minPoolSize: 0,
    retryReads: false,
    readPreference: 'primaryPreferred',
    serverSelectionTimeoutMS: timeoutMs,
    connectTimeoutMS: timeoutMs,
    socketTimeoutMS: timeoutMs,
    heartbeatFrequencyMS: NEVER_MS,
    serverMonitoringMode: 'poll',
  };
}

/** A lone address is that very server, even where it is one of a replica set whose names only its own network knows. */
function lone(url: string): { directConnection?: true } {
  const several = /^mongodb\+srv:|^[^/]*\/\/[^/?]*,/u.test(url);
  return several || /[?&](replicaSet|directConnection|loadBalanced)=/iu.test(url)
    ? {}
    : { directConnection: true };
}

/** The number of an error that the server itself answered with, or null. */
export function mongoErrorCode(error: unknown): number | null {
  const own = error instanceof Error && error.name === 'MongoServerError' && 'code' in error;
  return own ? Number(error.code) : null;
}

function refusal(error: unknown): unknown {
  const code = mongoErrorCode(error);
  if (code !== null) {
    if (REFUSED.has(code)) return refusedCredentials(`MongoDB ${code}`, error);
    const said = error instanceof Error ? error.message.slice(0, 100) : '';
    return new TargetError('degraded', `answers, but refuses: ${said}`, { cause: error });
  }
  const network = networkError(error);
  if (network !== null) return network;
  if (error instanceof Error && /^Mongo(ServerSelection|Network)/u.test(error.name)) {
    const closed = /connection \S+ to \S+ closed|Socket closed/u.test(error.message);
    const text = closed ? 'connection closed before it answered' : 'does not speak MongoDB';
    return new TargetError('down', text, { cause: error });
  }
  const unread = error instanceof Error && /[Mm]essage|BSON|opcode|buffer/u.test(error.message);
  return unread ? new TargetError('down', 'does not speak MongoDB', { cause: error }) : error;
}
