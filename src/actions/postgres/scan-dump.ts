/**
 * What a plain dump holds, read line by line as pg_dump writes it: whether it is whole, of which version, and how many
 * rows of which tables. Nothing of it is kept but counts.
 */

/** What is looked at of a line; rows may be much longer. */
const LOOKED_AT = 1000;
/** A name in quotes may hold anything. */
const COPY = /^COPY ((?:"(?:[^"]|"")+"|[^\s".]+)(?:\.(?:"(?:[^"]|"")+"|[^\s".]+))?) /u;
const NEW_LINE = 10;
const MOST_TABLES = 100_000;

export interface DumpContents {
  /** It ends as pg_dump ends it. */
  readonly complete: boolean;
  /** The server's version it was made from, or null. */
  readonly dumpedFrom: string | null;
  readonly tables: number;
  /** Rows by table, as COPY names it (`public.payments`); a table of INSERTs isn't counted. */
  readonly rows: ReadonlyMap<string, number>;
  /** Uncompressed. */
  readonly bytes: number;
}

export async function scanDump(from: AsyncIterable<unknown>): Promise<DumpContents> {
  const rows = new Map<string, number>();
  const state = {
    complete: false,
    dumpedFrom: null as string | null,
    tables: 0,
  };
  let copying: string | null = null;
  const line = (text: string): void => {
    if (copying !== null) {
      if (text === '\\.') copying = null;
      else rows.set(copying, (rows.get(copying) ?? 0) + 1);
      return;
    }
    if (text === '' || text === '--') return;
    // Of a long one the end was cut off.
    const copied =
      text.length >= LOOKED_AT || text.endsWith(' FROM stdin;') ? COPY.exec(text)?.[1] : undefined;
    if (copied !== undefined && rows.size < MOST_TABLES) {
      copying = copied;
      rows.set(copied, rows.get(copied) ?? 0);
    } else if (/^CREATE (UNLOGGED |FOREIGN )?TABLE /u.test(text)) state.tables += 1;
    else if (text.startsWith('-- Dumped from database version '))
      state.dumpedFrom ??= /version (\d+(?:\.\d+)?)/u.exec(text)?.[1] ?? null;
    state.complete =
      text === '-- PostgreSQL database dump complete' || (state.complete && text.startsWith('\\unrestrict '));
  };
  let bytes = 0;
  const count = (length: number): void => {
    bytes += length;
  };
  for await (const text of lines(from, count)) line(text);
  return { ...state, rows, bytes };
}

/** Lines without their ends, of each at most the first 1,000 bytes. */
async function* lines(
  from: AsyncIterable<unknown>,
  count: (bytes: number) => void,
): AsyncGenerator<string, void> {
  let held: Buffer[] = [];
  let length = 0;
  const keep = (part: Buffer): void => {
    if (length < LOOKED_AT) held.push(part.subarray(0, LOOKED_AT - length));
    length += part.length;
  };
  const take = (): string => {
    const text = Buffer.concat(held).toString('utf8').replace(/\r$/u, '');
    held = [];
    length = 0;
    return text;
  };
  for await (const chunk of from) {
    const part = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    count(part.length);
    let start = 0;
    for (let end = part.indexOf(NEW_LINE); end !== -1; end = part.indexOf(NEW_LINE, start)) {
      keep(part.subarray(start, end));
      yield take();
      start = end + 1;
    }
    if (start < part.length) keep(Buffer.from(part.subarray(start)));
  }
  if (length > 0) yield take();
}

export const allRows = (contents: DumpContents): number =>
  [...contents.rows.values()].reduce((sum, count) => sum + count, 0);
