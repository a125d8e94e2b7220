/** Runs one statement that a runbook holds, in a read-only transaction, and shows its rows. */
import { z } from 'zod';
import { selectRows } from '../clients/postgres-select.ts';
import type { FactValue } from '../domain/probe.ts';
import { cell, textTable } from '../domain/text-table.ts';
import { POSTGRES_SCHEMES } from './postgres-ping.ts';
import { addressOf, probeKind, up } from './probe-kind.ts';

const settings = z.strictObject({
  sql: z.string().min(1).max(4000),
  /** Rows shown; one more is fetched, to know whether there are more. */
  maxRows: z.int().min(1).max(500).default(20),
});

export const postgresQuery = probeKind<z.output<typeof settings>>({
  name: 'postgres.query',
  settings,
  needs: { schemes: POSTGRES_SCHEMES },
  facts: { value: { type: 'any' }, rows: { type: 'number' }, more: { type: 'boolean' } },
  async probe(target, { sql, maxRows }, context) {
    const { columns, rows, more } = await selectRows(addressOf(target), context, { sql, maxRows });
    return up({ value: fact(rows[0]?.[0]), rows: rows.length, more }, textTable(columns, rows));
  },
});

function fact(value: unknown): FactValue {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return cell(value);
}
