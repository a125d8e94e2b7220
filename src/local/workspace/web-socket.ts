/** The server's side of a WebSocket (RFC 6455), as much as Socket Mode needs: text, ping, pong and close. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** RFC 6455, section 1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const OP = { text: 1, close: 8, ping: 9, pong: 10 } as const;
const LARGEST = 4 * 1024 * 1024;

export interface WebSocketPeer {
  send(text: string): void;
  ping(): void;
  /** Says goodbye. */
  close(): void;
  /** Cuts the connection without a word. */
  destroy(): void;
}

/** `onText` and `onEnd` come after the handshake; null when this is no WebSocket. */
export function acceptWebSocket(
  req: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  handlers: { onText(text: string): void; onEnd(): void },
): WebSocketPeer | null {
  const key = req.headers['sec-websocket-key'];
  if (key === undefined || req.headers.upgrade?.toLowerCase() !== 'websocket') return null;
  const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  const write = (op: number, body: Buffer): void => {
    if (socket.writable) socket.write(Buffer.concat([frameHead(op, body.length), body]));
  };
  let buffered = head;
  const read = (part: Buffer): void => {
    buffered = Buffer.concat([buffered, part]);
    for (let frame = takeFrame(buffered); frame !== null; frame = takeFrame(buffered)) {
      buffered = frame.rest;
      if (frame.op === OP.text) handlers.onText(frame.body.toString('utf8'));
      if (frame.op === OP.ping) write(OP.pong, frame.body);
      if (frame.op === OP.close) {
        write(OP.close, frame.body.subarray(0, 2));
        socket.end();
      }
    }
    if (buffered.length > LARGEST) socket.destroy();
  };
  socket.on('data', read);
  socket.on('error', () => socket.destroy());
  socket.once('close', () => handlers.onEnd());
  read(Buffer.alloc(0));
  return {
    send: (text) => write(OP.text, Buffer.from(text)),
    ping: () => write(OP.ping, Buffer.from('ping')),
    close: () => write(OP.close, Buffer.from([0x03, 0xe8])),
    destroy: () => void socket.destroy(),
  };
}

function frameHead(op: number, length: number): Buffer {
  const final = 0x80 | op;
  if (length < 126) return Buffer.from([final, length]);
  const long = length > 0xffff;
  const head = Buffer.alloc(long ? 10 : 4);
  head[0] = final;
  head[1] = long ? 127 : 126;
  if (long) head.writeBigUInt64BE(BigInt(length), 2);
  else head.writeUInt16BE(length, 2);
  return head;
}

/** A whole frame and what follows it; null until all of it is there. A client's frames are masked. */
function takeFrame(
  from: Buffer,
): { readonly op: number; readonly body: Buffer; readonly rest: Buffer } | null {
  if (from.length < 2) return null;
  const op = from.readUInt8(0) & 0x0f;
  const short = from.readUInt8(1) & 0x7f;
  const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0;
  const maskAt = 2 + lengthBytes;
  const bodyAt = maskAt + 4;
  if (from.length < bodyAt) return null;
  const length =
    short === 127 ? Number(from.readBigUInt64BE(2)) : short === 126 ? from.readUInt16BE(2) : short;
  if (from.length < bodyAt + length) return null;
  const mask = from.subarray(maskAt, bodyAt);
  const body = Buffer.from(from.subarray(bodyAt, bodyAt + length));
  for (let i = 0; i < body.length; i += 1) body[i] = (body[i] ?? 0) ^ (mask[i % 4] ?? 0);
  return { op, body, rest: from.subarray(bodyAt + length) };
}
