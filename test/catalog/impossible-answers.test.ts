/** A played test whose recorded answer no server can give is a problem at its place, and isn't played. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createActionKinds } from '../../src/actions/index.ts';
import { formatProblem, loadCatalog } from '../../src/catalog/load.ts';
import { testRunbooks } from '../../src/catalog/test-runbooks.ts';
import type { Catalog } from '../../src/domain/runbook.ts';
import { probeKinds } from '../../src/probes/index.ts';

const kinds = { probeKinds, actionKinds: createActionKinds({ undoMaxBytes: 1 }) };

let catalog: Catalog;
let folder: string;
beforeAll(async () => {
  const loaded = await loadCatalog(
    'runbooks',
    {},
    { ...kinds, sandboxOnly: false, defaultEnvironment: 'dev' },
  );
  if (!('catalog' in loaded)) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  catalog = loaded.catalog;
  folder = join(mkdtempSync(join(tmpdir(), 'played-')), 'moalog', 'tests');
  await mkdir(folder, { recursive: true });
});
afterAll(() => rmSync(join(folder, '..', '..'), { recursive: true }));

async function play(answers: string): Promise<readonly string[]> {
  const file = join(folder, 'redis-memory-pressure.yaml');
  const lines = [
    'version: 1',
    'runbook: moalog/redis-memory-pressure',
    'tests:',
    '  - name: it',
    '    answers:',
  ];
  writeFileSync(
    file,
    [...lines, ...answers.split('\n').map((line) => `      ${line}`), '    expect: {}', ''].join('\n'),
  );
  const { problems } = await testRunbooks(file, catalog, kinds);
  return problems.map(({ line, col, message }) => `${line}:${col}: ${message}`);
}

test.each([
  ['redis: { redis.info: { state: up, facts: { used: 93 } } }', /^6:\d+: used is no fact of it: no server/u],
  [
    'redis: { redis.info: { state: up, facts: { used_percent: "93" } } }',
    /used_percent is "93"; expected a number \(%\): no server answers redis\.info so/u,
  ],
  [
    'redis: { redis.info: { state: up, facts: { role: primary } } }',
    /role is "primary"; expected one of master, slave/u,
  ],
  ['redis: { redis.info: { state: down } }', /the state is down without a reason; expected one/u],
  ['redis: { redis.info: { state: up, reason: all is well } }', /reason is there although the state is up/u],
  ['redis: { redis.inof: { state: up } }', /there is no probe "redis\.inof"; did you mean "redis\.info"/u],
  [
    'reddis: { redis.info: { state: up } }',
    /there is no service of moalog named "reddis"; did you mean "redis"/u,
  ],
  [
    'redis: { memory: { state: up, facts: { keys: 1 } } }',
    /keys is no fact of it: no server answers redis\.info so/u,
  ],
])('%s', async (answers, says) => {
  const problems = await play(answers);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(says);
});

test('what a server can answer is played', async () => {
  const problems = await play(
    'redis: { redis.info: { state: up, facts: { used_percent: 93.1, role: null } } }',
  );
  // Of the other steps nothing is recorded, which is said only of a test that is played.
  expect(problems.join('\n')).toContain('no answer is recorded for');
});
