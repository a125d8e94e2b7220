/** One connection to one Kafka broker: a request, its answer, the next request. */
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { guard, guardedSocket } from './guarded-socket.ts';
import { bytes, createReader, int16, int32, type Reader, text } from './kafka-wire.ts';
import { handshakeError } from './network-error.ts';
import { refusedCredentials, TargetError } from './target-error.ts';

export interface KafkaRequest<T> {
  readonly api: number;
  readonly version: number;
  readonly body: Buffer;
  readonly read: (reader: Reader) => T;
}

export interface KafkaConnection {
  /** Throws a TargetError when the connection breaks or the answer is none of Kafka's. */
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
const SASL_HANDSHAKE = 17;
const SASL_AUTHENTICATE = 36;

export async function openKafka(address: KafkaAddress, signal: AbortSignal): Promise<KafkaConnection> {
  signal.throwIfAborted();
  const { host, port } = address;
  const bounds = { signal, maxBytes: 2 * MAX_ANSWER_BYTES };
  const socket = address.tls
    ? guard(connectTls({ host, port, servername: host }), bounds)
    : guardedSocket(bounds).connect({ host, port });
  const answers = receiveFrames(socket);
  let correlation = 0;
  const connection: KafkaConnection = {
    async ask({ api, version, body, read }) {
      correlation += 1;
      const head = Buffer.concat([int16(api), int16(version), int32(correlation), text(CLIENT_ID)]);
      const answer = answers();
      socket.write(bytes(Buffer.concat([head, body])));
      try {
        const reader = createReader(await answer);
        if (reader.int32() !== correlation) throw new RangeError('an answer to another question');
        return read(reader);
      } catch (error) {
        throw handshakeError(error, 'Kafka');
      }
    },
    close: () => void socket.destroy(),
  };
  try {
    if (address.login !== null) await logIn(connection, address.login);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

async function logIn(connection: KafkaConnection, login: { user: string; password: string }): Promise<void> {
  const handshake = { api: SASL_HANDSHAKE, version: 1, body: text('PLAIN'), read: (r: Reader) => r.int16() };
  const offered = await connection.ask(handshake);
  if (offered !== 0) throw new TargetError('degraded', 'answers, but does not take SASL/PLAIN');
  const refused = await connection.ask({
    api: SASL_AUTHENTICATE,
    version: 0,
    body: bytes(Buffer.from(`\0${login.user}\0${login.password}`)),
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
