/** Loads a dump into a new database with psql, which runs nothing but SQL, and counts what arrived. */
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { PassThrough, type Readable, Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type pg from 'pg';
import { postgresEnvironment } from '../../clients/postgres-programs.ts';
import { type Streamed, streamProgram } from '../../clients/stream-program.ts';
import type { ActionContext } from '../../domain/action.ts';
import { oneLine } from '../../domain/text.ts';
import { sayBytes, sayCount } from '../say-size.ts';
import type { Dump } from './dump.ts';
import { type Later, splitScript } from './split-script.ts';

const PART_BYTES = 1024 * 1024;
const KEY_BYTES = 16;
const PSQL = [
  '--no-psqlrc',
  '--quiet',
  '--no-password',
  '--set=ON_ERROR_STOP=1',
  '--single-transaction',
  '--file=-',
];

export type Loaded = { readonly wrong: string } | { readonly later: readonly Later[] };

/** Runs the dump's script as whoever `url` logs in as; what only others may do is left out and returned. */
export async function loadDump(
  url: string,
  database: string,
  dump: Dump,
  context: ActionContext,
): Promise<Loaded> {
  const later: Later[] = [];
  const loaded = new AbortController();
  const script = new PassThrough({ highWaterMark: PART_BYTES });
  // psql that ends early leaves nobody to read the rest.
  const reading = readScript(dump, script, context, AbortSignal.any([context.signal, loaded.signal]));
  reading.catch((error: unknown) => script.destroy(error instanceof Error ? error : undefined));
  const psql = await streamProgram(dump.psql.path, PSQL, {
    env: postgresEnvironment(url, database),
    signal: context.signal,
    input: (to) =>
      pipeline(script, (text: Readable) => restricted(text, later), to, { signal: context.signal }),
    output: async (from) => {
      for await (const _ of from) context.signal.throwIfAborted();
    },
  }).finally(() => loaded.abort());
  if (psql.code !== 0) {
    await reading.catch(() => undefined);
    return { wrong: `psql stopped: ${lastWords(psql.said)}` };
  }
  const read = await reading;
  return read !== null && read.code !== 0
    ? { wrong: `pg_restore stopped: ${lastWords(read.said)}` }
    : { later };
}

/** The dump as a script; of an archive pg_restore makes one, without a server. */
async function readScript(
  dump: Dump,
  to: Writable,
  context: ActionContext,
  signal: AbortSignal,
): Promise<Streamed | null> {
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      context.progress(`loading: ${sayBytes(bytes)} of ${sayBytes(dump.bytes)}`);
      done(null, chunk);
    },
  });
  const file = createReadStream(dump.path, { highWaterMark: PART_BYTES });
  if (dump.pgRestore === null) {
    await pipeline(file, counted, createGunzip({ chunkSize: PART_BYTES }), to, { signal });
    return null;
  }
  return streamProgram(dump.pgRestore.path, ['--file=-'], {
    env: {},
    signal,
    input: (stdin) => pipeline(file, counted, stdin, { signal }),
    output: (stdout) => pipeline(stdout, to, { signal }),
  });
}

/**
 * The script between \\restrict and \\unrestrict with a key that nobody else knows: psql then runs no command of its own
 * that the script names, such as one that starts a program.
 */
async function* restricted(from: AsyncIterable<Buffer>, later: Later[]): AsyncGenerator<Buffer | string> {
  const key = randomBytes(KEY_BYTES).toString('hex');
  yield `\\restrict ${key}\n`;
  yield* splitScript(from, later);
  yield `\n\\unrestrict ${key}\n`;
}

/** Null when the new database has every table of the dump with as many rows; else what is missing. */
export async function countLoaded(
  client: pg.ClientBase,
  { contents }: Dump,
  context: ActionContext,
): Promise<string | null> {
  const tables = await client.query<{ count: number }>(
    `select count(*)::int as count from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'f') and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'`,
  );
  const found = tables.rows[0]?.count ?? 0;
  if (found < contents.tables) return `${found} of ${sayCount(contents.tables, 'table')} arrived`;
  let done = 0;
  for (const [table, expected] of contents.rows) {
    context.signal.throwIfAborted();
    const named = await client.query<{ only: string }>(
      `select format('%s%I.%I', case c.relkind when 'p' then '' else 'only ' end, n.nspname, c.relname) as only
       from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = to_regclass($1)`,
      [table],
    );
    const only = named.rows[0]?.only;
    if (only === undefined) return `${oneLine(table, 80)} did not arrive`;
    const { rows } = await client.query<{ count: number }>(`select count(*)::float8 as count from ${only}`);
    if (rows[0]?.count !== expected)
      return `${oneLine(table, 80)} has ${rows[0]?.count ?? 0} rows, the dump ${expected}`;
    done += 1;
    context.progress(`counting: ${done} of ${sayCount(contents.rows.size, 'table')}`);
  }
  return null;
}

function lastWords(said: string): string {
  const errors = said.split('\n').filter((line) => /error|fatal|detail/iu.test(line));
  return oneLine((errors.length > 0 ? errors.slice(0, 2) : said.split('\n').slice(-1)).join(' '), 300);
}
