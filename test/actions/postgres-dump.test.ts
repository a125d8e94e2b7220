/** Reading a dump line by line, wherever its chunks end. */
import { expect, test } from 'vitest';
import { scanDump } from '../../src/actions/postgres/scan-dump.ts';
import { restricts } from '../../src/actions/postgres-restore/dump.ts';
import { besideName } from '../../src/actions/postgres-restore/names.ts';
import { withoutLines } from '../../src/actions/postgres-restore/without-lines.ts';
import { fittingProgram } from '../../src/clients/postgres-programs.ts';
import { actingFunction } from '../../src/domain/harmless-sql.ts';

const DUMP = [
  '--',
  '-- PostgreSQL database dump',
  '--',
  '',
  '\\restrict k3y',
  '',
  '-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)',
  '-- Dumped by pg_dump version 15.18',
  'CREATE TABLE public.payments (',
  'CREATE TABLE public."odd ""one"" (x)" (',
  'CREATE UNLOGGED TABLE public.empty (',
  'COPY public.payments (id, note) FROM stdin;',
  '1\tone',
  '2\tCREATE TABLE public.fake (',
  '3\t\\\\.',
  '\\restrict k3y is a value',
  '\\.',
  'COPY public."odd ""one"" (x)" (a) FROM stdin;',
  'a',
  '\\.',
  'COPY public.empty  FROM stdin;',
  '\\.',
  '    COPY is a word in a function;',
  '--',
  '-- PostgreSQL database dump complete',
  '--',
  '',
  '\\unrestrict k3y',
  '',
].join('\n');

async function* chunks(text: string, size: number): AsyncGenerator<Buffer> {
  const all = Buffer.from(text);
  for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size);
}
async function joined(from: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of from) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

test.each([1, 2, 7, 64, 100_000])('a dump in chunks of %i bytes', async (size) => {
  const found = await scanDump(chunks(DUMP, size));
  expect(found).toMatchObject({ complete: true, dumpedFrom: '15.18', tables: 3, restrictKey: 'k3y' });
  expect(found.bytes).toBe(Buffer.byteLength(DUMP));
  expect([...found.rows]).toEqual([
    ['public.payments', 4],
    ['public."odd ""one"" (x)"', 1],
    ['public.empty', 0],
  ]);
});

test('a dump that is cut off anywhere is not complete', async () => {
  for (const end of ['-- PostgreSQL database dump complete', '\\.', '2\tCREATE'])
    expect((await scanDump(chunks(DUMP.slice(0, DUMP.indexOf(end)), 50))).complete).toBe(false);
  expect((await scanDump(chunks(`${DUMP}DROP TABLE x;\n`, 50))).complete).toBe(false);
});

test('a row of many megabytes is one row', async () => {
  const text = `COPY public.t (a) FROM stdin;\n${'x'.repeat(5_000_000)}\n\\.\n`;
  expect([...(await scanDump(chunks(text, 65_536))).rows]).toEqual([['public.t', 1]]);
});

test.each([1, 3, 17, 4096, 100_000])(
  'lines are left out, in chunks of %i bytes, and nothing else',
  async (size) => {
    const lines = ['\\restrict k3y', '\\unrestrict k3y'];
    const long = `${'y'.repeat(10_000)}\\restrict k3y`;
    const text = `\\restrict k3y\nfirst\n\\restrict k3y\n\\restrict k3y\n${long}\n \\restrict k3y\n${DUMP}last`;
    const expected = text
      .split('\n')
      .filter((line) => !lines.includes(line))
      .join('\n');
    expect(await joined(withoutLines(chunks(text, size), lines))).toBe(expected);
  },
);

test('names beside a database fit into PostgreSQL’s 63 bytes', () => {
  const now = new Date('2024-01-02T03:04:05Z');
  expect(besideName('dbis_core', 'before', now)).toBe('dbis_core_before_20240102030405');
  const long = besideName('ü'.repeat(31), 'before', now);
  expect(Buffer.byteLength(long)).toBeLessThanOrEqual(63);
  expect(long).toMatch(/^ü+_before_20240102030405$/u);
});

test('the oldest program that is new enough is taken; psql only where it can be restricted', () => {
  const program = (version: string) => ({
    path: `/x/${version}`,
    version,
    major: Number(version.split('.')[0]),
  });
  const all = ['18.1', '15.18', '16.2', '14.1'].map(program);
  expect(fittingProgram(all, 15)?.version).toBe('15.18');
  expect(fittingProgram(all, 17)?.version).toBe('18.1');
  expect(fittingProgram(all, 19)).toBeNull();
  expect(['15.13', '15.14', '12.22', '18.0', '17.6', '17.5'].map((v) => restricts(program(v)))).toEqual([
    false,
    true,
    false,
    true,
    true,
    false,
  ]);
});

test('functions that act are found, words that look like them are not', () => {
  expect(actingFunction('select pg_terminate_backend (pid) from x')).toBe('pg_terminate_backend');
  expect(actingFunction('SELECT LO_EXPORT(1, $$/x$$)')).toBe('lo_export');
  expect(actingFunction('select dblink_exec($$x$$)')).toBe('dblink_exec');
  for (const fine of [
    'select count(*) from pg_stat_activity',
    'select now() - query_start',
    "select 'pg_reload_conf'",
  ])
    expect(actingFunction(fine)).toBeNull();
});
