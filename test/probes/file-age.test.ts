/** How old the newest file of a pattern is. */
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NOTHING_DECLARED } from '../../src/domain/target.ts';
import { probeKinds } from '../../src/probes/index.ts';
import { ask } from './asking.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pageturner-age-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, hoursOld: number, bytes = 10): void {
  writeFileSync(join(folder, name), 'x'.repeat(bytes));
  const at = new Date(Date.now() - hoursOld * 3_600_000);
  utimesSync(join(folder, name), at, at);
}
const look = (settings: Record<string, unknown>, backupDir: string | null = folder) =>
  ask('file.age', null, { settings, target: { declared: { ...NOTHING_DECLARED, backupDir } } });

test('the newest of its pattern counts, whatever its name says', async () => {
  file('dbis_core_20240102.sql.gz', 40);
  file('dbis_core_20240101.sql.gz', 2);
  file('other_20240101.sql.gz', 0);
  file('.dbis_core_x.sql.gz', 0);
  expect(await look({ pattern: 'dbis_core_*.sql.gz' })).toMatchObject({
    state: 'up',
    facts: { age_hours: 2, newest: 'dbis_core_20240101.sql.gz', bytes: 10 },
  });
});

test('a late one, none, and one that is too small are degraded', async () => {
  expect(await look({ pattern: '*.csv' })).toMatchObject({
    state: 'degraded',
    reason: 'late: there is no file *.csv',
  });
  file('audit_logs_20240101.csv', 31.5);
  expect(await look({ pattern: 'audit_logs_*.csv', hours: 26 })).toMatchObject({
    state: 'degraded',
    reason: 'late: the last one, audit_logs_20240101.csv, is 31 h old, more than 26 h',
  });
  file('audit_logs_20240102.csv', 1, 5);
  expect(await look({ pattern: 'audit_logs_????????.csv', min_bytes: 2048 })).toMatchObject({
    state: 'degraded',
    reason: expect.stringMatching(/^too small: the last one, audit_logs_20240102\.csv, has 5 B/u),
  });
});

test('without a folder, or one that can’t be read, nobody knows', async () => {
  expect(await look({ pattern: '*' }, null)).toMatchObject({
    state: 'unknown',
    reason: 'not configured: BACKUP_DIR is not set',
  });
  expect(await look({ pattern: '*' }, join(folder, 'gone'))).toMatchObject({
    state: 'unknown',
    reason: 'BACKUP_DIR can’t be read: ENOENT',
  });
});

test('a pattern names no folders, and its other characters are themselves', async () => {
  const kind = probeKinds.get('file.age');
  for (const pattern of ['../*', 'a/b', 'a\\b', '', '*'.repeat(20)])
    expect(kind?.settings.safeParse({ pattern }).success).toBe(false);
  file('a.b+c(1)', 1);
  expect(await look({ pattern: 'a.b+c(1)' })).toMatchObject({ state: 'up' });
  expect(await look({ pattern: 'a.b+c(2)' })).toMatchObject({ state: 'degraded' });
  expect(await look({ pattern: 'aXb+c(1)' })).toMatchObject({ state: 'degraded' });
});
