/** Backups of MongoDB read back: whole, and with as many documents as were written. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import type { Counts } from './lines.ts';

const last = z.object({ complete: z.literal(true), collections: z.unknown(), documents: z.unknown() });
/** Magic number and terminator of mongodump's archive (mongo-tools, common/archive). */
const MAGIC = Buffer.from([0x6d, 0xe2, 0x99, 0x81]);
const TERMINATOR = Buffer.from([0xff, 0xff, 0xff, 0xff]);

/** Rejects when the file isn't what was written. */
export async function checkLines(path: string, counts: Counts, signal: AbortSignal): Promise<void> {
  let [documents, ends, final] = [0, 0, ''];
  const text = createReadStream(path, { signal }).pipe(createGunzip());
  for await (const line of createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.startsWith('{"document":')) documents += 1;
    else if (line.startsWith('{"end":')) ends += 1;
    final = line;
  }
  if (!last.safeParse(JSON.parse(final)).success)
    throw new Error('read back, the backup does not end as it should');
  if (documents !== counts.documents || ends !== counts.collections)
    throw new Error(`read back, the backup has ${documents} documents instead of ${counts.documents}`);
}

/** Rejects when it is no whole archive of mongodump. */
export async function checkArchive(path: string, signal: AbortSignal): Promise<void> {
  let [head, tail] = [Buffer.alloc(0), Buffer.alloc(0)];
  await pipeline(
    createReadStream(path),
    createGunzip(),
    async (parts: AsyncIterable<Buffer>) => {
      for await (const part of parts) {
        if (head.length < MAGIC.length) head = Buffer.concat([head, part]).subarray(0, MAGIC.length);
        tail = Buffer.from(Buffer.concat([tail, part]).subarray(-TERMINATOR.length));
      }
    },
    { signal },
  );
  if (!head.equals(MAGIC) || !tail.equals(TERMINATOR))
    throw new Error('what mongodump wrote is no whole archive');
}
