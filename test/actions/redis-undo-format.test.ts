import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  readEntries,
  type UndoEntry,
  UndoNotKept,
  writeEntries,
} from '../../src/actions/redis-flushdb/undo-format.ts';
import { memoryUndo } from './fixtures.ts';

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
const entries = () =>
  fc.array(
    fc.record({ key: bytes(40), expiresAt: fc.option(fc.nat({ max: 2 ** 45 })), payload: bytes(300) }),
    { maxLength: 20 },
  );

async function written(list: readonly UndoEntry[]): Promise<Buffer> {
  const undo = memoryUndo();
  const writer = writeEntries(undo);
  for (const entry of list) await writer.add(entry);
  expect(await writer.finish()).toBe(undo.parts.reduce((sum, part) => sum + part.length, 0));
  return Buffer.concat(undo.parts);
}

async function read(whole: Buffer, partBytes: number): Promise<UndoEntry[]> {
  const parts = async function* () {
    for (let from = 0; from < whole.length; from += partBytes) yield whole.subarray(from, from + partBytes);
  };
  const list: UndoEntry[] = [];
  for await (const entry of readEntries(parts())) list.push(entry);
  return list;
}

describe('an undo as a stream of bytes', () => {
  test('reads back as it was written, however it is cut into parts', async () => {
    await fc.assert(
      fc.asyncProperty(entries(), fc.integer({ min: 1, max: 100 }), async (list, partBytes) => {
        expect(await read(await written(list), partBytes)).toEqual(list);
      }),
    );
  });

  test('is never taken for whole when its end is missing', async () => {
    await fc.assert(
      fc.asyncProperty(entries(), fc.nat(), async (list, at) => {
        const whole = await written(list);
        await expect(read(whole.subarray(0, at % whole.length), 64)).rejects.toThrow(/incomplete/u);
      }),
    );
  });

  test('goes in parts of at most 1 MiB, also when one key is larger', async () => {
    const list = [5, 3_000_000, 10, 1_048_576].map((length, i) => ({
      key: Buffer.from(`k${i}`),
      expiresAt: null,
      payload: Buffer.alloc(length, i),
    }));
    const back = await read(await written(list), 1024 * 1024);
    expect(back.length).toBe(list.length);
    // Compared as buffers: toEqual would look at millions of bytes one by one.
    expect(back.every(({ payload }, i) => list[i]?.payload.equals(payload))).toBe(true);
  });

  test('says that it is not one, or is damaged, instead of putting back something else', async () => {
    const whole = await written([{ key: Buffer.from('a'), expiresAt: null, payload: Buffer.alloc(20) }]);
    await expect(read(Buffer.from('something else entirely'), 64)).rejects.toThrow('not an undo');
    const wrongKind = Buffer.from(whole);
    wrongKind[8] = 7;
    await expect(read(wrongKind, 64)).rejects.toThrow('damaged');
    const wrongCount = Buffer.from(whole);
    wrongCount[whole.length - 1] = 9;
    await expect(read(wrongCount, 64)).rejects.toThrow('damaged');
    const wrongLength = Buffer.from(whole);
    wrongLength.writeUInt32BE(2 ** 32 - 1, 17);
    await expect(read(wrongLength, 64)).rejects.toThrow('damaged');
  });

  test('tells when its store refuses', async () => {
    const writer = writeEntries(memoryUndo(3));
    await expect(writer.finish()).rejects.toThrow(UndoNotKept);
  });
});
