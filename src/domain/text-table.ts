/** Rows as a table of plain text, for people: columns in line, cells of one line each, cut where they are too wide. */
import { alignColumns } from './table.ts';
import { cut, plain } from './text.ts';

const CELL = 40;
const GAP = ' | ';

/** Cells are at most `widest` characters (40 unless told). */
export function textTable(
  header: readonly string[],
  rows: readonly (readonly unknown[])[],
  widest = CELL,
): string {
  const lines = [
    header.map((name) => cell(name, widest)),
    ...rows.map((row) => row.map((v) => cell(v, widest))),
  ];
  return alignColumns(lines, GAP);
}

/** One value as a person reads it: nothing for null, ISO 8601 for times, JSON for what has parts. */
export function cell(value: unknown, widest = CELL): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'infinity' : value.toISOString();
  if (value instanceof Uint8Array) return cut(`\\x${Buffer.from(value).toString('hex')}`, widest);
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return cut(plain(text).replace(/\s+/gu, ' '), widest);
}
