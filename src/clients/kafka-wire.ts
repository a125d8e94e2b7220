/** Kafka's binary form, as far as the read-only requests need it (kafka.apache.org/protocol, non-flexible versions). */

export interface Reader {
  int8(): number;
  int16(): number;
  int32(): number;
  /** Offsets stay far below 2^53. */
  int64(): number;
  /** Null where the length says so. */
  text(): string | null;
  bytes(): Buffer | null;
  list<T>(item: () => T): T[];
}

/** Throws a RangeError where the bytes are not what was asked for. */
export function createReader(buffer: Buffer): Reader {
  let at = 0;
  const take = (length: number): number => {
    const from = at;
    if (length < 0 || from + length > buffer.length) throw new RangeError('the answer ends too soon');
    at += length;
    return from;
  };
  const slice = (length: number): Buffer => {
    const from = take(length);
    return buffer.subarray(from, from + length);
  };
  const reader: Reader = {
    int8: () => buffer.readInt8(take(1)),
    int16: () => buffer.readInt16BE(take(2)),
    int32: () => buffer.readInt32BE(take(4)),
    int64: () => Number(buffer.readBigInt64BE(take(8))),
    text: () => {
      const length = reader.int16();
      return length < 0 ? null : slice(length).toString('utf8');
    },
    bytes: () => {
      const length = reader.int32();
      return length < 0 ? null : slice(length);
    },
    list: (item) => {
      const count = reader.int32();
      // Every item has at least one byte: a count beyond the rest is not a count.
      if (count > buffer.length - at) throw new RangeError('the answer ends too soon');
      return Array.from({ length: Math.max(0, count) }, item);
    },
  };
  return reader;
}

export const int8 = (value: number): Buffer => Buffer.from([value & 0xff]);
export function int16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeInt16BE(value);
  return buffer;
}
export function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}
export function int64(value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64BE(BigInt(value));
  return buffer;
}
export const text = (value: string): Buffer =>
  Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);
export const bytes = (value: Uint8Array): Buffer => Buffer.concat([int32(value.length), value]);
/** Null: all of them, where the request allows it. */
export const list = (items: readonly Buffer[] | null): Buffer =>
  items === null ? int32(-1) : Buffer.concat([int32(items.length), ...items]);
