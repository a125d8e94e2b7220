import { expect, test } from 'vitest';
import { paceDiagnoses } from '../../../src/engine/incidents/pace-diagnoses.ts';
import type { DueDiagnosis } from '../../../src/journal/diagnoses.ts';
import { waitFor } from '../../servers/program.ts';

const due = (...ids: readonly number[]): readonly DueDiagnosis[] => ids.map((id) => ({ id, priority: 1 }));

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
  pace.add(due(1, 2));
  pace.add(due(2, 3));
  await waitFor('three', 5000, () => begun.length === 3);
  expect(begun).toEqual([1, 2, 3]);
  pace.add(due(4));
  await waitFor('the fourth', 5000, () => begun.length === 4);
  stopping.abort();
});

test('alerts that come at once are diagnosed at the pace, and none of them is dropped', async () => {
  const stopping = new AbortController();
  const at: number[] = [];
  const pace = paceDiagnoses(async () => void at.push(performance.now()), stopping.signal);
  const before = performance.now();
  pace.add(due(...Array.from({ length: 13 }, (_, n) => n)));
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
  pace.add(due(1, 2, 3));
  await waitFor('the first', 5000, () => begun.length === 1);
  pace.add(due(4));
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toEqual([1]);
});

test('a critical incident’s begins before those of unknown alerts that came earlier, then what has a runbook', async () => {
  const stopping = new AbortController();
  const begun: number[] = [];
  const pace = paceDiagnoses(async (id) => void begun.push(id), stopping.signal);
  pace.add([1, 2, 3].map((id) => ({ id, priority: 2 as const })));
  pace.add([{ id: 10, priority: 1 }]);
  pace.add([{ id: 20, priority: 0 }]);
  await waitFor('all', 5000, () => begun.length === 5);
  expect(begun).toEqual([20, 10, 1, 2, 3]);
  stopping.abort();
});
