/** A connection to the server beside the database that is about to be renamed: nobody can rename where they are. */
import type pg from 'pg';
import { z } from 'zod';
import { askPostgres } from '../../clients/postgres.ts';

export interface Bounds {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** May write. Throws a TargetError where neither `postgres` nor `template1` can be connected to. */
export function onMaintenance<T>(
  url: string,
  database: string,
  bounds: Bounds,
  use: (client: pg.ClientBase) => Promise<T>,
): Promise<T> {
  const beside = database === 'postgres' ? 'template1' : 'postgres';
  return askPostgres(url, { ...bounds, database: beside, writes: true }, use);
}

const server = z.object({ system_identifier: z.string(), in_recovery: z.boolean() });

/** Whether this is that very server, and no replica; null when it is, else what differs. */
export async function serverDiffers(client: pg.ClientBase, systemIdentifier: string): Promise<string | null> {
  const { rows } = await client.query(
    'select system_identifier::text as system_identifier, pg_is_in_recovery() as in_recovery from pg_control_system()',
  );
  const found = server.parse(rows[0]);
  if (found.system_identifier !== systemIdentifier)
    return `system_identifier was ${systemIdentifier}, is ${found.system_identifier}`;
  return found.in_recovery ? 'the server is a replica now' : null;
}

/** The oid of the database of that name, or null. */
export async function oidOf(client: pg.ClientBase, name: string): Promise<string | null> {
  const { rows } = await client.query<{ oid: string }>(
    'select oid::text as oid from pg_database where datname = $1',
    [name],
  );
  return rows[0]?.oid ?? null;
}

/** The name of the database of that oid, or null. */
export async function nameOf(client: pg.ClientBase, oid: string): Promise<string | null> {
  const { rows } = await client.query<{ name: string }>(
    'select datname as name from pg_database where oid = $1::oid',
    [oid],
  );
  return rows[0]?.name ?? null;
}
