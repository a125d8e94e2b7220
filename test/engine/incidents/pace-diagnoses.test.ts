import { expect, test } from 'vitest';
import { paceDiagnoses } from '../../../src/engine/incidents/pace-diagnoses.ts';
import { waitFor } from '../../servers/program.ts';

test('diagnoses begin one after the other, each once, in the order of their alerts', async () => {
  const stopping = new AbortController();
  const begun: number[] = [];
  let under = 0;
  const pace = paceDiagnoses(async (id) => {
    under += 1;
    expect(under).toBe(1);
    begun.push(id);
    await Promise.resolve();
    under -= 1;
  }, stopping.signal);
  pace.add([1, 2]);
  pace.add([2, 3]);
  await waitFor('three', 5000, () => begun.length === 3);
  expect(begun).toEqual([1, 2, 3]);
  pace.add([4]);
  await waitFor('the fourth', 5000, () => begun.length === 4);
  stopping.abort();
});

test('alerts that come at once are diagnosed at the pace, and none of them is dropped', async () => {
  const stopping = new AbortController();
  const at: number[] = [];
  const pace = paceDiagnoses(async () => void at.push(performance.now()), stopping.signal);
  const before = performance.now();
  pace.add(Array.from({ length: 13 }, (_, n) => n));
  await waitFor('all', 10_000, () => at.length === 13);
  // A burst of ten, then one every 200 ms; no test says how much later a busy machine may be.
  expect((at.at(-1) ?? 0) - before).toBeGreaterThan(500);
  stopping.abort();
});

test('nothing more begins once the process stops', async () => {
  const stopping = new AbortController();
  const begun: number[] = [];
  const pace = paceDiagnoses(async (id) => {
    begun.push(id);
    stopping.abort();
  }, stopping.signal);
  pace.add([1, 2, 3]);
  await waitFor('the first', 5000, () => begun.length === 1);
  pace.add([4]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toEqual([1]);
});
