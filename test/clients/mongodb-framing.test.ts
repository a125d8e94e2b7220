import { BSON } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { mongoFraming } from '../../src/clients/mongodb-framing.ts';

const int32 = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) bytes.writeInt32LE(value, i * 4);
  return bytes;
};
const document = Buffer.from(BSON.serialize({ ok: 1, me: 'a name that takes some bytes' }));
/** A header, and its body, with the length that both have. */
const message = (kind: number, body: Buffer): Buffer =>
  Buffer.concat([int32(16 + body.length, 1, 2, kind), body]);
const opMsg = (after: Buffer = Buffer.alloc(0)) =>
  message(2013, Buffer.concat([int32(0), Buffer.from([0]), document, after]));
const opReply = (documents: number) => message(1, Buffer.concat([int32(8, 0, 0, 0, documents), document]));

const accepts = (...chunks: readonly Buffer[]): boolean => {
  const accept = mongoFraming();
  return chunks.every((chunk) => accept(chunk));
};

describe('messages of a MongoDB', () => {
  it.each([
    ['an OP_MSG', opMsg()],
    ['an OP_MSG with a checksum', opMsg(int32(7))],
    ['an OP_REPLY', opReply(1)],
    ['an OP_REPLY without documents', message(1, int32(8, 0, 0, 0, 0))],
    ['a compressed one', message(2012, int32(1, 2, 3))],
    ['several in a row', Buffer.concat([opReply(1), opMsg(), opMsg()])],
  ])('%s passes, whole and byte by byte', (_, bytes) => {
    expect(accepts(bytes)).toBe(true);
    expect(accepts(...[...bytes].map((byte) => Buffer.from([byte])))).toBe(true);
  });
});

describe('what the driver would choke on', () => {
  it.each([
    ['zero bytes', Buffer.alloc(64)],
    ['a negative length', int32(-1, 1, 2, 2013)],
    ['a length without end', int32(0x7fff_ffff, 1, 2, 2013)],
    ['a kind that it takes for an OP_REPLY', message(42, Buffer.alloc(60, 0x7f))],
    ['an OP_REPLY with more documents than bytes', opReply(0x7fff_ffff)],
    ['an OP_REPLY with fewer than none', opReply(-1)],
    [
      'an OP_MSG whose document leads back',
      message(2013, Buffer.concat([int32(0), Buffer.from([0]), int32(-5)])),
    ],
    ['a second message that is none', Buffer.concat([opMsg(), Buffer.alloc(16)])],
    ['a web page', Buffer.from('HTTP/1.1 200 OK\r\n\r\n')],
  ])('%s is refused, whole and byte by byte', (_, bytes) => {
    expect(accepts(bytes)).toBe(false);
    expect(accepts(...[...bytes].map((byte) => Buffer.from([byte])))).toBe(false);
  });
});
