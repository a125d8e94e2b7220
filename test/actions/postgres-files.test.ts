/** Backups and exports of a real PostgreSQL: whole files that nobody else can read, or none. */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { dayAndTime } from '../../src/actions/backup-folder.ts';
import { createPostgresBackup } from '../../src/actions/postgres-backup.ts';
import { createPostgresExport } from '../../src/actions/postgres-export.ts';
import type { ActionKind } from '../../src/domain/action.ts';
import { NOTHING_DECLARED, type Target } from '../../src/domain/target.ts';
import { debianPostgresPrograms, runSql } from '../servers/postgres-debian.ts';
import { waitFor } from '../servers/program.ts';
import { context, planned } from './fixtures.ts';
import { type PostgresBench, startPostgresBench } from './postgres-bench.ts';

const backup = createPostgresBackup();
const exported = createPostgresExport();
const none = async (): Promise<void> => undefined;

let bench: PostgresBench;
beforeAll(async () => {
  bench = await startPostgresBench();
});
beforeEach(() => bench.fill());
afterAll(() => bench?.stop());

async function carryOut<S>(kind: ActionKind<S>, settings: unknown, changes: Partial<Target> = {}, more = {}) {
  const chosen = kind.settings.parse(settings);
  const target = { ...bench.target, ...changes };
  return kind.execute(
    target,
    chosen,
    planned(await kind.plan(target, chosen, context())),
    none,
    context(more),
  );
}
async function refusal<S>(
  kind: ActionKind<S>,
  settings: unknown,
  changes: Partial<Target> = {},
): Promise<string> {
  const found = await kind.plan({ ...bench.target, ...changes }, kind.settings.parse(settings), context());
  return 'refused' in found ? found.refused : 'planned';
}
const inFolder = (backupDir: string | null): Partial<Target> => ({
  declared: { ...NOTHING_DECLARED, backupDir },
});
const today = () => dayAndTime(new Date())[0];
const leftovers = () => readdirSync(bench.backupDir).filter((name) => name.endsWith('.part'));

describe('a backup', () => {
  test.each([
    ['plain', '.sql.gz', /^\x1f\x8b/u],
    ['custom', '.dump', /^PGDMP/u],
  ])('of format %s is whole, closed to others, and its digest is told', async (format, ending, magic) => {
    const lines: string[] = [];
    const outcome = await carryOut(backup, { format }, {}, { progress: (line: string) => lines.push(line) });
    const name = `dbis_core_${today()}${ending}`;
    expect(bench.files()).toEqual([name]);
    const body = readFileSync(join(bench.backupDir, name));
    expect(body.toString('latin1')).toMatch(magic);
    expect(statSync(join(bench.backupDir, name)).mode & 0o777).toBe(0o600);
    expect(outcome).toMatchObject({ state: 'succeeded' });
    expect(outcome.summary).toContain('2 tables, 250 rows');
    expect(outcome.summary).toContain(createHash('sha256').update(body).digest('hex'));
    expect(lines.some((line) => /^[12] of 2 tables, /u.test(line))).toBe(true);
    if (format === 'plain')
      expect(gunzipSync(body).toString('utf8')).toContain('-- PostgreSQL database dump complete');
  });

  test('of the same day is another file: nothing is overwritten', async () => {
    await carryOut(backup, {});
    await carryOut(backup, {});
    expect(bench.files()).toEqual([
      expect.stringMatching(/^dbis_core_\d{8}\.sql\.gz$/u),
      expect.stringMatching(/^dbis_core_\d{8}_\d{6}\.sql\.gz$/u),
    ]);
    expect(
      planned(await backup.plan(bench.target, backup.settings.parse({}), context())).preview.join('\n'),
    ).toMatch(/the last one: dbis_core_\d{8}/u);
  });

  test('is refused before anyone is asked: no folder, not writable, no pg_dump, or one too old for the server', async () => {
    expect(await refusal(backup, {}, inFolder(null))).toContain('BACKUP_DIR is not set');
    expect(await refusal(backup, {}, inFolder('/nowhere/at/all'))).toContain('is not there');
    expect(await refusal(backup, {}, inFolder('backups'))).toContain('expected an absolute path');
    const file = join(bench.backupDir, 'file');
    writeFileSync(file, '');
    expect(await refusal(backup, {}, inFolder(file))).toContain('is not a folder');
    const without = createPostgresBackup({ folders: [bench.backupDir] });
    expect(await refusal(without, {})).toMatch(
      /pg_dump is not on this machine: install .*postgresql-client-\d+/u,
    );
    // The run's own server is newer than Debian's programs.
    const newer = { url: inject('postgresUrl') };
    expect(
      await refusal(createPostgresBackup({ folders: [await debianPostgresPrograms()] }), {}, newer),
    ).toMatch(/pg_dump here is \d+\.\d+, older than the server's \d+, which it can't serve/u);
  });

  test('that pg_dump gives up leaves no file, and its words without the password', async () => {
    await runSql(bench.url, 'create role limited login').catch(() => undefined);
    const limited = { url: bench.url.replace('postgres:not', 'limited:not') };
    const outcome = await carryOut(backup, {}, limited);
    expect(outcome).toMatchObject({
      state: 'failed',
      summary: expect.stringMatching(/pg_dump failed.*permission denied/u),
    });
    expect(outcome.summary).not.toContain('not-to-be-shown');
    expect(readdirSync(bench.backupDir)).toEqual([]);
  });

  test('whose program ends in the middle without saying so is found, read back', async () => {
    const bin = mkdtempSync(join(tmpdir(), 'pageturner-fake-dump-'));
    try {
      const real = await debianPostgresPrograms();
      const major = Number(real.split('/').at(-2));
      const script = `#!/bin/sh\n[ "$1" = --version ] && echo 'pg_dump (PostgreSQL) ${major}.99' && exit\necho "$@" > ${bin}/arguments\necho '-- Dumped from database version 1'\n`;
      writeFileSync(join(bin, 'pg_dump'), script);
      chmodSync(join(bin, 'pg_dump'), 0o755);
      const outcome = await carryOut(createPostgresBackup({ folders: [bin] }), {});
      expect(outcome).toMatchObject({
        state: 'failed',
        summary: expect.stringContaining('the dump is not complete'),
      });
      expect(readdirSync(bench.backupDir)).toEqual([]);
      // Neither address nor password is an argument.
      expect(readFileSync(join(bin, 'arguments'), 'utf8')).not.toMatch(
        /127\.0\.0\.1|not-to-be-shown|postgres/u,
      );
    } finally {
      rmSync(bin, { recursive: true, force: true });
    }
  });

  test('that is stopped ends pg_dump and leaves nothing', async () => {
    // pg_dump waits for a table that somebody has locked.
    const { default: pg } = await import('pg');
    const locker = new pg.Client({ connectionString: bench.url });
    await locker.connect();
    await locker.query('begin; lock table payments in access exclusive mode');
    const stop = new AbortController();
    const running = carryOut(backup, {}, {}, { signal: stop.signal });
    await waitFor('pg_dump to wait', 10_000, async () => {
      const waiting = await bench.query(
        `select from pg_stat_activity where application_name = 'pageturner' and wait_event_type = 'Lock'`,
      );
      return waiting.length > 0;
    });
    stop.abort(new Error('it was aborted'));
    expect(await running).toMatchObject({ state: 'failed', summary: expect.stringContaining('stopped') });
    await locker.end();
    await waitFor('pg_dump to be gone', 10_000, async () => {
      const left = await bench.query(`select from pg_stat_activity where application_name = 'pageturner'`);
      return left.length === 0;
    });
    expect(readdirSync(bench.backupDir)).toEqual([]);
  });
});

describe('an export', () => {
  test('is CSV with a header, named by table and day; lines and quotes in values survive', async () => {
    const outcome = await carryOut(exported, { table: 'audit_logs' });
    const name = `audit_logs_${today()}.csv`;
    expect(bench.files()).toEqual([name]);
    const text = readFileSync(join(bench.backupDir, name), 'utf8');
    expect(text.split('\n').slice(0, 2)).toEqual([
      'id,what,at',
      expect.stringMatching(/^1,did 1,2024-01-01/u),
    ]);
    expect(outcome).toMatchObject({ state: 'succeeded', summary: expect.stringContaining('50 rows') });
    expect(outcome.summary).toContain(createHash('sha256').update(text).digest('hex'));
    expect(statSync(join(bench.backupDir, name)).mode & 0o777).toBe(0o600);
    await carryOut(exported, { sql: 'select note from payments where id = 1 -- the first', name: 'first' });
    expect(readFileSync(join(bench.backupDir, `first_${today()}.csv`), 'utf8')).toBe(
      'note\n"line one\nline ""two"", 1"\n',
    );
  });

  test('of more than the socket’s buffers hold is complete', async () => {
    await carryOut(exported, {
      sql: `select n, repeat('x', 1000) from generate_series(1, 40000) n`,
      name: 'large',
    });
    const text = readFileSync(join(bench.backupDir, `large_${today()}.csv`), 'latin1');
    expect(text.split('\n').length).toBe(40_002);
    expect(text.trimEnd().split('\n').at(-1)).toMatch(/^40000,x{1000}$/u);
  });

  test('is refused for a table that is not there or may not be read, and for what is no setting of it', async () => {
    expect(await refusal(exported, { table: 'nothing' })).toBe('there is no table nothing in this database');
    await runSql(bench.url, 'create role reader login').catch(() => undefined);
    const reader = { url: bench.url.replace('postgres:not', 'reader:not') };
    expect(await refusal(exported, { table: 'audit_logs' }, reader)).toContain('may not read audit_logs');
    expect(await refusal(exported, { table: 'audit_logs' }, inFolder(null))).toContain(
      'BACKUP_DIR is not set',
    );
    for (const wrong of [
      {},
      { table: 'a', sql: 'select 1', name: 'x' },
      { sql: 'select 1' },
      { table: 'a; drop table b' },
      { table: 'a', name: '../b' },
      { sql: 'select pg_terminate_backend(1)', name: 'x' },
    ]) {
      expect(exported.settings.safeParse(wrong).success).toBe(false);
    }
  });

  test('changes nothing, whatever its statement tries, and leaves no file', async () => {
    for (const sql of [
      'delete from payments returning id',
      'select 1) to stdout; drop table payments; copy (select 1',
      'select 1; drop table payments',
    ]) {
      const outcome = await carryOut(exported, { sql, name: 'attempt' });
      expect(outcome.state).toBe('failed');
    }
    expect((await bench.query<{ n: string }>('select count(*) as n from payments'))[0]?.n).toBe('200');
    expect(readdirSync(bench.backupDir)).toEqual([]);
  });

  test('that is stopped leaves nothing', async () => {
    const stop = new AbortController();
    const running = carryOut(
      exported,
      { sql: 'select pg_sleep(60)', name: 'slow' },
      {},
      { signal: stop.signal },
    );
    await waitFor('it to read', 10_000, () => leftovers().length > 0);
    stop.abort(new Error('it was aborted'));
    expect(await running).toMatchObject({ state: 'failed', summary: 'no export: stopped; no file was left' });
    expect(readdirSync(bench.backupDir)).toEqual([]);
  });
});

test('a folder that goes away between plan and act is a refusal', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pageturner-gone-'));
  const target = { ...bench.target, ...inFolder(folder) };
  const chosen = exported.settings.parse({ table: 'audit_logs' });
  const approved = planned(await exported.plan(target, chosen, context()));
  rmSync(folder, { recursive: true });
  const outcome = await exported.execute(target, chosen, approved, none, context());
  expect(outcome).toMatchObject({ state: 'superseded', summary: expect.stringContaining('is not there') });
  mkdirSync(folder);
  rmSync(folder, { recursive: true });
});
