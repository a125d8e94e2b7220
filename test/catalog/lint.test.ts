import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lintCatalog } from '../../src/catalog/lint.ts';
import { kinds } from './kinds.ts';
import { RUNBOOK, SYSTEM } from './written.ts';

const options = { ...kinds, sandboxOnly: false, defaultEnvironment: 'dev' } as const;
let dir = '';

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pageturner-lint-'));
  await mkdir(join(dir, 'shop/operations'), { recursive: true });
  await mkdir(join(dir, 'bank'));
  await writeFile(join(dir, 'org.yaml'), 'version: 3\nroles: {}\n');
  await writeFile(join(dir, 'shop/system.yaml'), SYSTEM);
  await writeFile(join(dir, 'shop/redis-full.yaml'), RUNBOOK.replace('db: 0', 'db: 99'));
  await writeFile(join(dir, 'shop/operations/up.yaml'), 'version: 1\n');
  await writeFile(join(dir, 'bank/system.yaml'), SYSTEM);
});
afterAll(() => rm(dir, { recursive: true }));

describe('lint reads the whole catalog and tells what is wrong with', () => {
  test.each([
    ['', ['org.yaml', 'shop/operations/up.yaml', 'shop/redis-full.yaml']],
    ['org.yaml', ['org.yaml']],
    ['shop', ['shop/operations/up.yaml', 'shop/redis-full.yaml']],
    ['shop/', ['shop/operations/up.yaml', 'shop/redis-full.yaml']],
    ['shop/redis-full.yaml', ['shop/redis-full.yaml']],
    ['shop/operations', ['shop/operations/up.yaml']],
    ['shop/operations/up.yaml', ['shop/operations/up.yaml']],
    ['bank', []],
    ['nowhere', ['nowhere']],
  ])('%s', async (path, files) => {
    const problems = await lintCatalog(join(dir, path), {}, options);
    expect(problems.map(({ file }) => file.slice(dir.length + 1))).toEqual(files);
  });
});
