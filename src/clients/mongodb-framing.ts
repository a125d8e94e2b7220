/**
 * MongoDB's messages (mongodb.com, "MongoDB Wire Protocol"), watched before the driver reads them. The driver believes
 * what it reads (mongodb 7): a length of 0 is a message without end, and the number of documents in an OP_REPLY, which
 * to it is every message of a kind it doesn't know, is counted up to. MariaDB's greeting, or four zero bytes, would use
 * up the memory of the whole process.
 */

/** Four int32: length, request, answer to, kind. */
const HEADER = 16;
const LARGEST = 48_000_000;
const OP_REPLY = 1;
const OP_COMPRESSED = 2012;
const OP_MSG = 2013;
/** The smallest document of BSON. */
const SMALLEST_DOCUMENT = 5;
/** Bytes that are looked at of each kind: an OP_REPLY's up to the number of documents, an OP_MSG's up to the size of its one. */
const LOOKED_AT: Readonly<Record<number, number>> = { [OP_REPLY]: 36, [OP_COMPRESSED]: HEADER, [OP_MSG]: 25 };
const CHECKSUM_BYTES = 4;

/** Tells, chunk by chunk, whether all that came can be messages of a server. */
export function mongoFraming(): (chunk: Uint8Array) => boolean {
  const head: number[] = [];
  let left = 0;
  return (chunk) => {
    for (let at = 0; at < chunk.length; ) {
      if (left > 0) {
        const taken = Math.min(left, chunk.length - at);
        left -= taken;
        at += taken;
        continue;
      }
      head.push(chunk[at] ?? 0);
      at += 1;
      const length = checkHead(Buffer.from(head));
      if (length === null) return false;
      if (length === 'more') continue;
      left = length - head.length;
      head.length = 0;
    }
    return true;
  };
}

/** The message's length, once enough of it is there; null: it is none. */
function checkHead(head: Buffer): number | 'more' | null {
  if (head.length < HEADER) return 'more';
  const length = head.readInt32LE(0);
  const kind = head.readInt32LE(12);
  const needed = LOOKED_AT[kind];
  if (needed === undefined || length < needed || length > LARGEST) return null;
  if (head.length < needed) return 'more';
  if (kind === OP_REPLY) return fits(head.readInt32LE(32), length - needed) ? length : null;
  if (kind === OP_COMPRESSED) return length;
  // A server answers with one section, of kind 0, with a checksum after it or none.
  const rest = length - (needed - 4) - head.readInt32LE(21);
  return head[20] === 0 && (rest === 0 || rest === CHECKSUM_BYTES) ? length : null;
}

const fits = (documents: number, bytes: number): boolean =>
  documents >= 0 && documents * SMALLEST_DOCUMENT <= bytes;
