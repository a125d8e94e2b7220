/** One connection to one Kafka broker: a request, its answer, the next request. */
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { guard, guardedSocket } from './guarded-socket.ts';
import { bytes, createReader, int16, int32, type Reader, text } from './kafka-wire.ts';
import { handshakeError } from './network-error.ts';
import { refusedCredentials, TargetError } from './target-error.ts';

export interface KafkaRequest<T> {
  readonly api: number;
  /** As Kafka's protocol names it, for people. */
  readonly name: string;
  /** The oldest and the newest version that `body` writes and `read` reads. */
  readonly versions: readonly [oldest: number, newest: number];
  readonly body: (version: number) => Buffer;
  readonly read: (reader: Reader, version: number) => T;
}

export interface KafkaConnection {
  /** How many kinds of request the broker knows. */
  readonly apis: number;
  /**
   * In the newest version that both sides know. Throws a TargetError when there is none, when the connection breaks, or
   * when the answer is none of Kafka's.
   */
  ask<T>(request: KafkaRequest<T>): Promise<T>;
  close(): void;
}

export interface KafkaAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** SASL/PLAIN, when there is a user. */
  readonly login: { readonly user: string; readonly password: string } | null;
}

const CLIENT_ID = 'pageturner';
const MAX_ANSWER_BYTES = 8_388_608;

type Range = readonly [oldest: number, newest: number];

/** Asked before anything else, in the version that every broker answers (KIP-35). */
const API_VERSIONS: KafkaRequest<ReadonlyMap<number, Range>> = {
  api: 18,
  name: 'ApiVersions',
  versions: [0, 0],
  body: () => Buffer.alloc(0),
  read: (reader) => {
    const code = reader.int16();
    if (code !== 0)
      throw new TargetError('degraded', `answers, but refuses ApiVersions: Kafka error ${code}`);
    return new Map(reader.list(() => [reader.int16(), [reader.int16(), reader.int16()]]));
  },
};

export async function openKafka(address: KafkaAddress, signal: AbortSignal): Promise<KafkaConnection> {
  signal.throwIfAborted();
  const { host, port } = address;
  const bounds = { signal, maxBytes: 2 * MAX_ANSWER_BYTES };
  const socket = address.tls
    ? guard(connectTls({ host, port, servername: host }), bounds)
    : guardedSocket(bounds).connect({ host, port });
  const ask = asking(socket);
  try {
    const known = await ask(API_VERSIONS, 0);
    const connection: KafkaConnection = {
      apis: known.size,
      ask: async (request) => ask(request, commonVersion(request, known.get(request.api))),
      close: () => void socket.destroy(),
    };
    if (address.login !== null) await logIn(connection, address.login);
    return connection;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** A broker closes the connection without a word when it doesn't know a request's version. */
function commonVersion({ name, versions }: KafkaRequest<unknown>, theirs: Range | undefined): number {
  if (theirs === undefined) throw new TargetError('unknown', `answers, but does not know ${name}`);
  const version = Math.min(versions[1], theirs[1]);
  if (version >= Math.max(versions[0], theirs[0])) return version;
  throw new TargetError(
    'unknown',
    `answers, but takes ${name} in versions ${theirs.join(' to ')}, and this client knows ${versions.join(' to ')}`,
  );
}

type Ask = <T>(request: KafkaRequest<T>, version: number) => Promise<T>;

function asking(socket: Socket): Ask {
  const answers = receiveFrames(socket);
  let correlation = 0;
  return async ({ api, body, read }, version) => {
    correlation += 1;
    const head = Buffer.concat([int16(api), int16(version), int32(correlation), text(CLIENT_ID)]);
    const answer = answers();
    socket.write(bytes(Buffer.concat([head, body(version)])));
    try {
      const reader = createReader(await answer);
      if (reader.int32() !== correlation) throw new RangeError('an answer to another question');
      return read(reader, version);
    } catch (error) {
      throw handshakeError(error, 'Kafka');
    }
  };
}

async function logIn(connection: KafkaConnection, login: { user: string; password: string }): Promise<void> {
  const offered = await connection.ask({
    api: 17,
    name: 'SaslHandshake',
    versions: [1, 1],
    body: () => text('PLAIN'),
    read: (reader) => reader.int16(),
  });
  if (offered !== 0) throw new TargetError('degraded', 'answers, but does not take SASL/PLAIN');
  const refused = await connection.ask({
    api: 36,
    name: 'SaslAuthenticate',
    versions: [0, 1],
    body: () => bytes(Buffer.from(`\0${login.user}\0${login.password}`)),
    read: (reader) => reader.int16(),
  });
  if (refused !== 0) throw refusedCredentials(`Kafka ${refused}`);
}

/** Whole answers, one at a time; the function waits for the next one. */
function receiveFrames(socket: Socket): () => Promise<Buffer> {
  let waiting: PromiseWithResolvers<Buffer> | null = null;
  let broken: Error | null = null;
  let pending: Buffer[] = [];
  let size = 0;
  const fail = (error: Error): void => {
    broken ??= error;
    waiting?.reject(broken);
    waiting = null;
  };
  socket.on('error', fail);
  socket.on('close', () => fail(new TargetError('down', 'connection closed before it answered')));
  socket.on('data', (chunk: Buffer) => {
    pending.push(chunk);
    size += chunk.length;
    if (size < 4) return;
    const [first] = pending;
    const length =
      first !== undefined && first.length >= 4 ? first.readInt32BE() : Buffer.concat(pending).readInt32BE();
    // The first four bytes of any text are a length beyond all bounds.
    if (length < 4 || length > MAX_ANSWER_BYTES) {
      socket.destroy(new RangeError('not a length'));
      return;
    }
    if (size < length + 4) return;
    const whole = Buffer.concat(pending);
    pending = whole.length > length + 4 ? [whole.subarray(length + 4)] : [];
    size = whole.length - length - 4;
    waiting?.resolve(whole.subarray(4, length + 4));
    waiting = null;
  });
  return () => {
    waiting = Promise.withResolvers<Buffer>();
    if (broken !== null) waiting.reject(broken);
    return waiting.promise;
  };
}
