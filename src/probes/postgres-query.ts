/** Runs one statement that a runbook holds, in a read-only transaction, and shows its rows. */
import { z } from 'zod';
import { askPostgres } from '../clients/postgres.ts';
import type { FactValue } from '../domain/probe.ts';
import { cut, plain } from '../domain/text.ts';
import { POSTGRES_SCHEMES } from './postgres-ping.ts';
import { addressOf, probeKind, up } from './probe-kind.ts';

const CELL = 40;

const settings = z.strictObject({
  sql: z.string().min(1).max(4000),
  /** Rows shown; one more is read, to know whether there are more. */
  maxRows: z.int().min(1).max(500).default(20),
});

export const postgresQuery = probeKind<z.output<typeof settings>>({
  name: 'postgres.query',
  settings,
  needs: { schemes: POSTGRES_SCHEMES },
  facts: ['value', 'rows', 'more'],
  async probe(target, { sql, maxRows }, context) {
    const { rows, fields } = await askPostgres(addressOf(target), context, async (client) => {
      await client.query('begin transaction read only');
      // The extended protocol takes a single statement, so none can end this transaction and go on after it.
      const statement = { text: sql, queryMode: 'extended', rowMode: 'array', rows: maxRows + 1 };
      return client.query<unknown[]>({ ...statement, rowMode: 'array' });
    });
    const shown = rows.slice(0, maxRows);
    const more = rows.length > maxRows;
    const lines = [fields.map(({ name }) => name), ...shown.map((row) => row.map(cell))].map((c) =>
      c.join(' | '),
    );
    return up({ value: fact(shown[0]?.[0]), rows: shown.length, more }, lines.join('\n'));
  },
});

function fact(value: unknown): FactValue {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return cell(value);
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return cut(plain(text).replaceAll('\n', ' '), CELL);
}
