import { expect, test } from 'vitest';
import { createGather, upTo } from '../../../src/engine/core/gather.ts';

/** Writes that end when they are let. */
function heldWrites() {
  const batches: (readonly number[])[] = [];
  const held: PromiseWithResolvers<void>[] = [];
  return {
    batches,
    async write(batch: readonly number[]): Promise<readonly string[]> {
      batches.push(batch);
      const gate = Promise.withResolvers<void>();
      held.push(gate);
      await gate.promise;
      return batch.map((n) => `wrote ${n}`);
    },
    end: (n: number, error?: Error) => (error === undefined ? held[n]?.resolve() : held[n]?.reject(error)),
  };
}

test('one that comes alone is written at once; those that come meanwhile share the next write', async () => {
  const writes = heldWrites();
  const gather = createGather(writes.write, upTo(10));
  const first = gather(1);
  const others = [gather(2), gather(3)];
  expect(writes.batches).toEqual([[1]]);
  writes.end(0);
  expect(await first).toBe('wrote 1');
  expect(writes.batches).toEqual([[1], [2, 3]]);
  writes.end(1);
  expect(await Promise.all(others)).toEqual(['wrote 2', 'wrote 3']);
});

test('no write is of more than the bound', async () => {
  const sizes: number[] = [];
  const gather = createGather(async (batch: readonly number[]) => {
    sizes.push(batch.length);
    return batch;
  }, upTo(2));
  expect(await Promise.all([1, 2, 3, 4, 5, 6].map(gather))).toEqual([1, 2, 3, 4, 5, 6]);
  expect(sizes).toEqual([1, 2, 2, 1]);
});

test('a write that fails is told to each in it, and the next goes on', async () => {
  const writes = heldWrites();
  const gather = createGather(writes.write, upTo(10));
  const first = gather(1);
  const together = Promise.allSettled([gather(2), gather(3)]);
  writes.end(0);
  await first;
  writes.end(1, new Error('the journal is away'));
  expect((await together).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const last = gather(4);
  writes.end(2);
  expect(await last).toBe('wrote 4');
});

test('what does not fit into a batch waits for the next, and an answer that comes later holds up no batch', async () => {
  const later = Promise.withResolvers<string>();
  const batches: (readonly number[])[] = [];
  const gather = createGather(
    async (batch: readonly number[]) => {
      batches.push(batch);
      return batch.map((n) => (n === 1 ? later.promise : `wrote ${n}`));
    },
    () => {
      let sum = 0;
      return (n) => {
        sum += n;
        return sum === n || sum <= 10;
      };
    },
  );
  const all = [1, 4, 5, 20].map(gather);
  expect(await Promise.all(all.slice(1))).toEqual(['wrote 4', 'wrote 5', 'wrote 20']);
  expect(batches).toEqual([[1], [4, 5], [20]]);
  later.resolve('at last');
  expect(await all[0]).toBe('at last');
});
