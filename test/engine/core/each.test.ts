import { expect, test } from 'vitest';
import { each } from '../../../src/engine/core/each.ts';
import { waitFor } from '../../servers/program.ts';

test('a row that fails holds up none of the others, and is told of at the end', async () => {
  const done: number[] = [];
  const rows = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  const work = async (row: number): Promise<void> => {
    if (row % 3 === 0) throw new Error(`row ${row}`);
    done.push(row);
  };
  await expect(each(rows, work)).rejects.toThrow('3 of 9 failed');
  expect(done).toEqual([1, 2, 4, 5, 7, 8]);
  await expect(each([3], work)).rejects.toThrow('row 3');
});

test('a row that never ends holds up none of the others', async () => {
  const done: number[] = [];
  void each([1, 2, 3, 4, 5, 6, 7, 8, 9], async (row) => {
    if (row === 1) await new Promise(() => undefined);
    done.push(row);
  });
  await waitFor('the others', 5000, () => done.length === 8);
});

test('a few rows at a time', async () => {
  let [now, most] = [0, 0];
  await each(Array.from({ length: 50 }), async () => {
    now += 1;
    most = Math.max(most, now);
    await new Promise((resolve) => setImmediate(resolve));
    now -= 1;
  });
  expect(most).toBe(4);
});
