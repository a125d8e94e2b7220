/** Reading a dump line by line, wherever its chunks end. */
import { expect, test } from 'vitest';
import { scanDump } from '../../src/actions/postgres/scan-dump.ts';
import { restricts } from '../../src/actions/postgres-restore/dump.ts';
import { besideName } from '../../src/actions/postgres-restore/names.ts';
import { type Later, splitScript } from '../../src/actions/postgres-restore/split-script.ts';
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
  expect(found).toMatchObject({ complete: true, dumpedFrom: '15.18', tables: 3 });
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

const OWNED = [
  'ALTER TABLE public.payments OWNER TO app;',
  'ALTER FUNCTION public.f(a integer, b character varying[]) OWNER TO "Odd ""Role""";',
  'ALTER SCHEMA reports OWNER TO app;',
  'ALTER DEFAULT PRIVILEGES FOR ROLE app IN SCHEMA public GRANT SELECT ON TABLES TO reader;',
];
/** Begin as those do, and are something else: they stay, for the role that loads. */
const NOT_OWNED = [
  'ALTER TABLE public.a OWNER TO app; DROP TABLE public.b; ALTER TABLE public.a OWNER TO app;',
  'ALTER TABLE public.a ALTER COLUMN c TYPE text USING public.evil(c), OWNER TO app;',
  "ALTER FUNCTION public.f(a integer DEFAULT public.evil('x')) OWNER TO app;",
  'ALTER DATABASE postgres OWNER TO app;',
  'ALTER TABLE payments OWNER TO app;',
];
const SCRIPT = [
  '\\restrict k3y',
  OWNED[0],
  "CREATE FUNCTION public.f() RETURNS text LANGUAGE plpgsql AS $_$ begin return '$$; \\';",
  'ALTER TABLE public.in_a_function OWNER TO app;',
  'end $_$;',
  OWNED[1],
  "COMMENT ON TABLE public.payments IS 'it''s; a",
  'ALTER TABLE public.in_a_comment OWNER TO app;',
  "';",
  "SELECT E'\\';",
  'ALTER TABLE public.in_a_text OWNER TO app;',
  "';",
  '/* a comment;',
  'ALTER TABLE public.commented_out OWNER TO app;',
  '*/',
  "-- it's a comment; $$",
  OWNED[2],
  'COPY public.payments (id, note) FROM stdin;',
  'ALTER TABLE public.a_row OWNER TO app;',
  '\\restrict k3y',
  `${'y'.repeat(10_000)}ALTER TABLE public.long_row OWNER TO app;`,
  '\\.',
  "COMMENT ON EXTENSION pgcrypto IS 'cryptographic functions';",
  ...NOT_OWNED,
  OWNED[3],
  '\\unrestrict k3y',
  'last',
];

test.each([1, 3, 17, 4096, 100_000])(
  'what only others may do is taken out of a script, in chunks of %i bytes, and nothing else',
  async (size) => {
    const later: Later[] = [];
    const kept = await joined(splitScript(chunks(SCRIPT.join('\n'), size), later));
    const first = SCRIPT.indexOf('\\restrict k3y');
    const gone = [
      '\\unrestrict k3y',
      "COMMENT ON EXTENSION pgcrypto IS 'cryptographic functions';",
      ...OWNED,
    ];
    expect(kept.split('\n')).toEqual(SCRIPT.filter((line, n) => n !== first && !gone.includes(line ?? '')));
    expect(later.map(({ sql }) => sql)).toEqual(OWNED);
    expect(later.map(({ role }) => role)).toEqual(['app', 'Odd "Role"', 'app', 'app']);
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
