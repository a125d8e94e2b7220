/** The daily backup and audit export, as the shipped catalog watches them: beside the services, and a metric. */
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createActionKinds } from '../../../src/actions/index.ts';
import { formatProblem, loadCatalog } from '../../../src/catalog/load.ts';
import { askLines } from '../../../src/engine/checks/ask-more.ts';
import { readFileAges } from '../../../src/engine/reading/read-file-ages.ts';
import { probeKinds } from '../../../src/probes/index.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pageturner-backups-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function engineWith(env: Readonly<Record<string, string>>) {
  const loaded = await loadCatalog('runbooks', env, {
    probeKinds,
    actionKinds: createActionKinds({ undoMaxBytes: 1 }),
    sandboxOnly: false,
    defaultEnvironment: 'dev',
  });
  if (!('catalog' in loaded)) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  const { catalog } = loaded;
  const signal = new AbortController().signal;
  return { catalog, probeKinds, redact: <T>(value: T): T => value, signal };
}

function file(name: string, hours: number): void {
  writeFileSync(join(dir, name), 'x');
  const at = new Date(Date.now() - hours * 3_600_000);
  utimesSync(join(dir, name), at, at);
}

async function lines(env: Readonly<Record<string, string>>) {
  const engine = await engineWith(env);
  const system = engine.catalog.systems.find(({ name }) => name === 'dbis-core');
  if (system === undefined) throw new Error('there is no dbis-core');
  const found = await askLines(engine, system);
  return { engine, said: found.map(({ title, result }) => [title, result.state, result.reason]) };
}

test('a day means 24 hours', async () => {
  file('dbis_core_20240101.sql.gz', 23.9);
  file('audit_logs_20240101.csv', 24.2);
  const { engine, said } = await lines({ BACKUP_DIR: dir });
  expect(said).toEqual([
    ['Last backup', 'up', null],
    [
      'Last audit export',
      'degraded',
      'late: the last one, audit_logs_20240101.csv, is 24 h old, more than 24 h',
    ],
  ]);
  expect(await readFileAges(engine)).toEqual([
    { system: 'dbis-core', service: 'postgres', check: 'backup', hours: 23.9 },
    { system: 'dbis-core', service: 'postgres', check: 'audit-export', hours: 24.2 },
  ]);
});

test('none was ever made: late, and older than any bound', async () => {
  const { engine, said } = await lines({ BACKUP_DIR: dir });
  expect(said.map(([, state]) => state)).toEqual(['degraded', 'degraded']);
  expect((await readFileAges(engine)).map(({ hours }) => hours)).toEqual([Infinity, Infinity]);
});

test('without BACKUP_DIR nothing is known, and nothing is measured', async () => {
  const { engine, said } = await lines({});
  expect(said).toEqual([
    ['Last backup', 'unknown', 'not configured: BACKUP_DIR is not set'],
    ['Last audit export', 'unknown', 'not configured: BACKUP_DIR is not set'],
  ]);
  expect(await readFileAges(engine)).toEqual([]);
});
