/** One statement in a read-only transaction, of which no more rows are fetched than are wanted. */
import type pg from 'pg';
import { askPostgres, endWithClient, type PostgresBounds } from './postgres.ts';

export interface Selected {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  /** Whether there are more rows than were wanted. */
  readonly more: boolean;
}

interface Syncs {
  sync(): void;
}

export interface Wanted {
  readonly sql: string;
  readonly maxRows: number;
  /** Milliseconds after which the server ends the statement. */
  readonly statementMs?: number;
}

/** Throws a TargetError when the server can't be reached, or refuses the statement. */
export function selectRows(url: string, bounds: PostgresBounds, wanted: Wanted): Promise<Selected> {
  return askPostgres(url, bounds, (client) => selectOn(client, wanted));
}

/**
 * The extended protocol takes a single statement, so none can end the transaction and go on after it; its portal gives
 * `maxRows` and one, and is left there: the server never works out the rest. The connection is of no use afterwards.
 */
export async function selectOn(client: pg.ClientBase, wanted: Wanted): Promise<Selected> {
  const { default: driver } = await import('pg');
  await endWithClient(client);
  await client.query('begin transaction read only');
  if (wanted.statementMs !== undefined)
    await client.query(`set local statement_timeout = ${Math.floor(wanted.statementMs)}`);
  const { promise, resolve, reject } = Promise.withResolvers<Selected>();
  const settings = {
    text: wanted.sql,
    rowMode: 'array',
    queryMode: 'extended',
    rows: wanted.maxRows + 1,
    callback: (error: Error | null, result: { fields: { name: string }[]; rows: unknown[][] }) => {
      if (error !== null) return reject(error);
      const rows = result.rows.slice(0, wanted.maxRows);
      const columns = result.fields.map(({ name }) => name);
      resolve({ columns, rows, more: result.rows.length > wanted.maxRows });
    },
  };
  const query = new driver.Query(settings);
  // The driver would go on and ask for the next rows, until it has them all.
  Object.assign(query, { handlePortalSuspended: (connection: Syncs) => connection.sync() });
  client.query(query);
  return promise;
}
