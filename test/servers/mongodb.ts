/**
 * A stand-in for MongoDB, which neither Debian nor npm has to install. It speaks the real protocol (OP_MSG, OP_QUERY for the greeting, SCRAM-SHA-256 of RFC 7677, whose proofs the driver
 * checks) and answers the few commands that probes send, with answers as MongoDB's reference pages show them.
 */
import { createServer, type Socket } from 'node:net';
import { BSON, type Document } from 'mongodb';
import { createScram, type Scram } from './scram.ts';

/** What a command answers; a number: an error of that code. */
export type Answer = Document | number | ((command: Document) => Document | number);

export interface MongodbServer {
  readonly url: string;
  readonly port: number;
  /** What commands answer from now on, by the command's name; a number: an error of that code. */
  answer(command: string, with_: Answer): void;
  stop(): Promise<void>;
}

/** Of every message. */
const HEAD_BYTES = 16;
const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const USER = 'admin';
const PASSWORD = 'open-sesame';

/** How a lone server greets. */
export const HELLO = {
  isWritablePrimary: true,
  ismaster: true,
  helloOk: true,
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  minWireVersion: 0,
  maxWireVersion: 25,
  saslSupportedMechs: ['SCRAM-SHA-256'],
};

export async function startMongodb(): Promise<MongodbServer> {
  const answers = new Map<string, Answer>([
    ['ping', {}],
    ['hello', HELLO],
    ['ismaster', HELLO],
    ['serverStatus', { version: '8.0.4', connections: { current: 3 } }],
    ['replSetGetStatus', 76],
    ['dbStats', { fsUsedSize: 40, fsTotalSize: 100 }],
    ['currentOp', { inprog: [] }],
  ]);
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
    serve(socket, answers);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    url: `mongodb://${USER}:${PASSWORD}@127.0.0.1:${port}/butler?authSource=admin`,
    port,
    answer: (command, with_) => void answers.set(command, with_),
    async stop() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function serve(socket: Socket, answers: ReadonlyMap<string, Answer>): void {
  const scram = createScram(USER, PASSWORD);
  let pending: Buffer = Buffer.alloc(0);
  let authenticated = false;
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 4 && pending.length >= pending.readInt32LE()) {
      // Whoever speaks another protocol.
      if (pending.readInt32LE() < HEAD_BYTES) return void socket.destroy();
      const message = pending.subarray(0, pending.readInt32LE());
      pending = pending.subarray(message.length);
      const command = read(message);
      const [name = ''] = Object.keys(command);
      const answer = name.startsWith('sasl')
        ? login(scram, name, command)
        : answerTo(name, command, answers, authenticated);
      authenticated ||= name === 'saslContinue' && answer.done === true;
      socket.write(write(message, answer));
    }
  });
}

function login(scram: Scram, name: string, command: Document): Document {
  const given = Buffer.from(command.payload.buffer).toString('utf8');
  const step = name === 'saslStart' ? scram.first(given) : scram.final(given);
  if (step === null) return failure(18, 'Authentication failed.');
  const payload = new BSON.Binary(Buffer.from(step));
  return { ok: 1, conversationId: 1, done: name === 'saslContinue', payload };
}

function answerTo(
  name: string,
  command: Document,
  answers: ReadonlyMap<string, Answer>,
  authenticated: boolean,
): Document {
  const greeting = name.toLowerCase() === 'ismaster' || name === 'hello' || name === 'endSessions';
  if (!greeting && !authenticated) return failure(13, `Command ${name} requires authentication`);
  const found = answers.get(name.toLowerCase() === 'ismaster' ? 'ismaster' : name) ?? (greeting ? {} : 59);
  const answer = typeof found === 'function' ? found(command) : found;
  if (typeof answer !== 'number') return { ...answer, ok: 1 };
  return failure(answer, answer === 76 ? 'not running with --replSet' : `${name} failed`);
}

const failure = (code: number, errmsg: string): Document => ({ ok: 0, code, errmsg });

function read(message: Buffer): Document {
  if (message.readInt32LE(12) === OP_MSG)
    return BSON.deserialize(message.subarray(21, 21 + message.readInt32LE(21)));
  const name = message.indexOf(0, 20);
  return BSON.deserialize(message.subarray(name + 9));
}

function write(asked: Buffer, answer: Document): Buffer {
  const legacy = asked.readInt32LE(12) === OP_QUERY;
  const head = Buffer.alloc(legacy ? 36 : 21);
  const body = BSON.serialize(answer);
  head.writeInt32LE(head.length + body.length, 0);
  head.writeInt32LE(asked.readInt32LE(4), 8);
  head.writeInt32LE(legacy ? OP_REPLY : OP_MSG, 12);
  // OP_REPLY counts its documents; OP_MSG has one section of kind 0.
  if (legacy) head.writeInt32LE(1, 32);
  return Buffer.concat([head, body]);
}
