/**
 * How the keys of one database are written into an undo, as one stream of bytes (all numbers big-endian):
 *
 *     file   = "PTREDIS1" entry* end
 *     entry  = 0x01  expires-at: int64, Unix ms, -1 without  key length: uint32  key  payload length: uint32  payload
 *     end    = 0x00  number of entries: uint32
 *
 * A payload is what DUMP answered, as it is. A stream without its end is incomplete and says so when read.
 */
import type { UndoWriter } from '../../domain/action.ts';

const MAGIC = Buffer.from('PTREDIS1', 'latin1');
const ENTRY = 1;
const END = 0;
const ENTRY_HEAD = 13;
/** The most that an UndoWriter takes at once. */
const PART_BYTES = 1024 * 1024;
/** A Redis string is at most 512 MiB; its DUMP is little more, but another kind's may be larger. */
const LONGEST = 2 ** 31;

export interface UndoEntry {
  readonly key: Buffer;
  /** Unix milliseconds, or null for a key that stays. */
  readonly expiresAt: number | null;
  readonly payload: Buffer;
}

/** The undo could not be kept (too large, or its store failed): nothing may be flushed. */
export class UndoNotKept extends Error {
  override readonly name = 'UndoNotKept';
}

export interface EntryWriter {
  add(entry: UndoEntry): Promise<void>;
  /** Writes the end. Bytes written in all. */
  finish(): Promise<number>;
}

/** Gathers entries into parts of 1 MiB. Rejects with UndoNotKept when the writer does. */
export function writeEntries(undo: UndoWriter): EntryWriter {
  let waiting: Buffer[] = [MAGIC];
  let waitingBytes = MAGIC.length;
  let [entries, bytes] = [0, 0];

  const send = async (last: boolean): Promise<void> => {
    if (!last && waitingBytes < PART_BYTES) return;
    const all = Buffer.concat(waiting);
    let from = 0;
    while (all.length - from >= PART_BYTES || (last && from < all.length)) {
      const part = all.subarray(from, from + PART_BYTES);
      await undo.write(part).catch((cause: unknown) => {
        throw new UndoNotKept(cause instanceof Error ? cause.message : 'its store refused it', { cause });
      });
      from += part.length;
      bytes += part.length;
    }
    // A copy: the rest of a large buffer must not keep all of it alive.
    waiting = [Buffer.from(all.subarray(from))];
    waitingBytes = all.length - from;
  };
  const put = (...pieces: readonly Buffer[]): void => {
    waiting.push(...pieces);
    for (const piece of pieces) waitingBytes += piece.length;
  };

  return {
    add: async ({ key, expiresAt, payload }) => {
      const head = Buffer.alloc(ENTRY_HEAD);
      head.writeUInt8(ENTRY, 0);
      head.writeBigInt64BE(BigInt(expiresAt ?? -1), 1);
      head.writeUInt32BE(key.length, 9);
      put(head, key, uint32(payload.length), payload);
      entries += 1;
      await send(false);
    },
    finish: async () => {
      put(Buffer.from([END]), uint32(entries));
      await send(true);
      return bytes;
    },
  };
}

/** The entries of a stream, in order. Throws when it is not such a stream, ends early or goes on after its end. */
export async function* readEntries(parts: AsyncIterable<Uint8Array>): AsyncGenerator<UndoEntry, void> {
  const source = parts[Symbol.asyncIterator]();
  let held = Buffer.alloc(0);
  const take = async (length: number): Promise<Buffer> => {
    if (length > LONGEST) throw new Error('the undo is damaged: a length in it is impossible');
    const pieces = [held];
    let have = held.length;
    while (have < length) {
      const next = await source.next();
      if (next.done === true) throw new Error('the undo is incomplete: it ends early');
      pieces.push(Buffer.from(next.value));
      have += next.value.length;
    }
    const all = pieces.length === 1 ? held : Buffer.concat(pieces);
    held = all.subarray(length);
    return all.subarray(0, length);
  };

  if (!(await take(MAGIC.length)).equals(MAGIC)) throw new Error('this is not an undo of a Redis flush');
  for (let entries = 0; ; entries += 1) {
    const kind = (await take(1)).readUInt8(0);
    if (kind === END) {
      if ((await take(4)).readUInt32BE(0) !== entries)
        throw new Error('the undo is damaged: its count differs');
      return;
    }
    if (kind !== ENTRY) throw new Error('the undo is damaged: an entry begins wrongly');
    const head = await take(ENTRY_HEAD - 1);
    const expiresAt = Number(head.readBigInt64BE(0));
    const key = await take(head.readUInt32BE(8));
    const payload = await take((await take(4)).readUInt32BE(0));
    yield { key, expiresAt: expiresAt < 0 ? null : expiresAt, payload };
  }
}

/**
 * The RDB version that a DUMP payload says it is of (its last ten bytes are that version and a checksum, as the
 * DUMP page of redis.io says), or null when it can't be one.
 */
export function payloadVersion(payload: Buffer): number | null {
  if (payload.length <= 10) return null;
  const version = payload.readUInt16LE(payload.length - 10);
  return version >= 1 && version <= 255 ? version : null;
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}
