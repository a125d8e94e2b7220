/** Loads a dump into a new database, with the programs that wrote it, and counts what arrived. */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type pg from 'pg';
import { postgresEnvironment } from '../../clients/postgres-programs.ts';
import { streamProgram } from '../../clients/stream-program.ts';
import type { ActionContext } from '../../domain/action.ts';
import { oneLine } from '../../domain/text.ts';
import { sayBytes, sayCount } from '../say-size.ts';
import { type Dump, digestOf } from './dump.ts';
import { withoutLines } from './without-lines.ts';

const PART_BYTES = 1024 * 1024;
const KEY_BYTES = 16;

/** Null when all of it is in; else why not. The file that is read is held against the digest that was approved. */
export async function loadDump(
  url: string,
  database: string,
  dump: Dump,
  context: ActionContext,
): Promise<string | null> {
  const hash = createHash('sha256');
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      context.progress(`loading: ${sayBytes(bytes)} of ${sayBytes(dump.bytes)}`);
      done(null, chunk);
    },
  });
  const file = createReadStream(dump.path, { highWaterMark: PART_BYTES });
  const { signal } = context;
  const plain = dump.format === 'plain';
  const args = plain
    ? ['--no-psqlrc', '--quiet', '--no-password', '--set=ON_ERROR_STOP=1', '--single-transaction', '--file=-']
    : ['--no-password', '--exit-on-error', '--single-transaction', `--dbname=${database}`];
  const { code, said } = await streamProgram(dump.program.path, args, {
    env: postgresEnvironment(url, database),
    signal,
    input: (to) =>
      plain
        ? pipeline(
            file,
            counted,
            createGunzip({ chunkSize: PART_BYTES }),
            (text: Readable) => restricted(text, dump),
            to,
            { signal },
          )
        : pipeline(file, counted, to, { signal }),
    output: async (from) => {
      for await (const _ of from) signal.throwIfAborted();
    },
  });
  if (code !== 0) return `${plain ? 'psql' : 'pg_restore'} stopped: ${lastWords(said)}`;
  // pg_restore may leave the end of an archive unread.
  const digest = plain ? hash.digest('hex') : await digestOf(dump.path, signal);
  return digest === dump.sha256 ? null : `${dump.name} was changed while it was read`;
}

/**
 * The script between \restrict and \unrestrict with a key that nobody else knows: psql then runs no command of its own
 * that the script names, such as one that starts a program. The script's own pair would be refused inside ours.
 */
async function* restricted(from: AsyncIterable<Buffer>, { contents }: Dump): AsyncGenerator<Buffer | string> {
  const key = randomBytes(KEY_BYTES).toString('hex');
  yield `\\restrict ${key}\n`;
  const own = contents.restrictKey;
  yield* own === null ? from : withoutLines(from, [`\\restrict ${own}`, `\\unrestrict ${own}`]);
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
