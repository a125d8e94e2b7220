/**
 * One broker that is strict about versions, as Kafka is: a request of an unknown version, with a byte too many or too
 * few, ends the connection without an answer (only `ApiVersions` is always answered). Fields and versions are those of
 * Kafka's message definitions (clients/src/main/resources/common/message).
 */
import { createServer, type Socket } from 'node:net';
import {
  bytes,
  createReader,
  int8,
  int16,
  int32,
  int64,
  list,
  type Reader,
  text,
} from '../../src/clients/kafka-wire.ts';

export type Ranges = Readonly<Record<number, readonly [oldest: number, newest: number]>>;

/** What Kafka 4.0 keeps of the requests that are asked here (KIP-896, table of removed versions). */
export const KAFKA_4: Ranges = {
  2: [1, 10],
  3: [0, 13],
  9: [1, 9],
  10: [0, 6],
  17: [0, 1],
  18: [0, 4],
  36: [0, 2],
};

export interface KafkaBroker {
  readonly url: string;
  /** `3v4`: what was asked, in order. */
  readonly asked: readonly string[];
  stop(): Promise<void>;
}

const GROUP = 'engine';
const TOPIC = 'payments';

/** `login`: SASL/PLAIN is asked for before anything but `ApiVersions`. */
export async function startKafkaBroker(ranges: Ranges, login?: string): Promise<KafkaBroker> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    const session = { loggedIn: login === undefined };
    let buffered = Buffer.alloc(0);
    socket.on('data', (part) => {
      buffered = Buffer.concat([buffered, part]);
      for (; buffered.length >= 4 && buffered.length >= 4 + buffered.readInt32BE(); ) {
        const end = 4 + buffered.readInt32BE();
        const answer = answerTo(buffered.subarray(4, end), session);
        buffered = buffered.subarray(end);
        if (answer === null) return void socket.destroy();
        socket.write(answer);
      }
    });
  });

  function answerTo(frame: Buffer, session: { loggedIn: boolean }): Uint8Array | null {
    const [api, version, correlation] = [frame.readInt16BE(0), frame.readInt16BE(2), frame.readInt32BE(4)];
    asked.push(`${api}v${version}`);
    const [oldest, newest] = ranges[api] ?? [1, 0];
    if (version < oldest || version > newest) return null;
    const clientLength = Math.max(0, frame.readInt16BE(8));
    const body = frame.subarray(10 + clientLength);
    if (api === 17 || api === 36) session.loggedIn ||= api === 36 && body.includes(`\0${login}`);
    else if (api !== 18 && !session.loggedIn) return null;
    const write = ANSWERS[api];
    if (write === undefined) return null;
    let answer: Buffer;
    try {
      const { reader, rest } = countingReader(body);
      answer = write(reader, version, ranges);
      if (rest() !== 0) return null;
    } catch {
      return null;
    }
    return bytes(Buffer.concat([int32(correlation), answer]));
  }

  const port = (): number => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the broker has no port');
    return address.port;
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `kafka://${login === undefined ? '' : `${login.replace('\0', ':')}@`}127.0.0.1:${port()}`,
    asked,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What a request's body leaves unread is found by reading on until it ends. */
function countingReader(body: Buffer): { reader: Reader; rest: () => number } {
  const reader = createReader(body);
  const rest = (): number => {
    let left = 0;
    try {
      for (; ; left += 1) reader.int8();
    } catch {
      return left;
    }
  };
  return { reader, rest };
}

const many = (...items: readonly Buffer[]): Buffer => list(items);
const since = (version: number, first: number, field: Buffer): Buffer =>
  version >= first ? field : Buffer.alloc(0);
const NONE = int16(-1);
const THROTTLE = int32(0);

const ANSWERS: Readonly<Record<number, (body: Reader, version: number, ranges: Ranges) => Buffer>> = {
  17: (body) => {
    const good = body.text() === 'PLAIN';
    return Buffer.concat([int16(good ? 0 : 33), many(text('PLAIN'))]);
  },
  36: (body, version) => {
    body.bytes();
    return Buffer.concat([int16(0), NONE, int32(0), since(version, 1, int64(0))]);
  },
  18: (_, __, ranges) =>
    Buffer.concat([
      int16(0),
      many(
        ...Object.entries(ranges).map(([api, [oldest, newest]]) =>
          Buffer.concat([int16(Number(api)), int16(oldest), int16(newest)]),
        ),
      ),
    ]),
  3: (body, version) => {
    if (body.int32() !== -1) throw new RangeError('only all topics are asked for here');
    if (version >= 4 && body.int8() !== 0) throw new RangeError('a question must not make topics');
    const partition = Buffer.concat([
      int16(0),
      int32(0),
      int32(1),
      since(version, 7, int32(0)),
      many(int32(1)),
      many(int32(1)),
      since(version, 5, many()),
    ]);
    return Buffer.concat([
      since(version, 3, THROTTLE),
      many(Buffer.concat([int32(1), text('127.0.0.1'), int32(9092), since(version, 1, NONE)])),
      since(version, 2, text('a-cluster')),
      since(version, 1, int32(1)),
      many(Buffer.concat([int16(0), text(TOPIC), since(version, 1, int8(0)), many(partition)])),
    ]);
  },
  10: (body, version) => {
    body.text();
    if (version >= 1 && body.int8() !== 0) throw new RangeError('only groups have a coordinator here');
    return Buffer.concat([
      since(version, 1, THROTTLE),
      int16(0),
      since(version, 1, NONE),
      int32(1),
      text('127.0.0.1'),
      int32(9092),
    ]);
  },
  9: (body, version) => {
    const known = body.text() === GROUP;
    body.list(() => [body.text(), body.list(() => body.int32())]);
    const position = Buffer.concat([
      int32(0),
      int64(known ? 3 : -1),
      since(version, 5, int32(0)),
      text(''),
      int16(0),
    ]);
    return Buffer.concat([
      since(version, 3, THROTTLE),
      many(Buffer.concat([text(TOPIC), many(position)])),
      since(version, 2, int16(0)),
    ]);
  },
  2: (body, version) => {
    body.int32();
    if (version >= 2) body.int8();
    body.list(() => [
      body.text(),
      body.list(() => [body.int32(), version >= 4 ? body.int32() : null, body.int64()]),
    ]);
    const end = Buffer.concat([int32(0), int16(0), int64(-1), int64(8), since(version, 4, int32(0))]);
    return Buffer.concat([since(version, 2, THROTTLE), many(Buffer.concat([text(TOPIC), many(end)]))]);
  },
};
