/** After the load: what the loader owns goes to whom the dump names, or to the owner of the database. */
import type pg from 'pg';
import type { Loader } from './loader-role.ts';
import type { Later } from './split-script.ts';

/** Nothing of these belongs to a dump of a database. */
const SYSTEM = /^(?:pg_|information_schema$)/u;

/**
 * On a connection to the new database, whose SQL has run already: nothing here calls a function of it. Returns who of
 * those that the dump names owns nothing there, as there is no such role, it is a superuser, or this one may not give.
 */
export async function handOver(
  client: pg.ClientBase,
  { role }: Loader,
  owner: string,
  later: readonly Later[],
): Promise<readonly string[]> {
  const left = await applyLater(client, owner, later);
  await client.query(`reassign owned by ${role} to ${client.escapeIdentifier(owner)}`);
  await client.query(`drop owned by ${role}`);
  return left;
}

/** The statements of the dump that the load left out. */
export async function applyLater(
  client: pg.ClientBase,
  owner: string,
  later: readonly Later[],
): Promise<readonly string[]> {
  await client.query('set search_path = pg_catalog, pg_temp');
  const { rows } = await client.query<{ name: string }>(
    'select rolname as name from pg_catalog.pg_roles where not rolsuper and rolname !~ $1',
    ['^pg_'],
  );
  const ordinary = new Set(rows.map(({ name }) => name));
  const left = new Set<string>();
  for (const [n, { sql, role, schema }] of later.entries()) {
    if (schema !== null && SYSTEM.test(schema)) continue;
    const given = ordinary.has(role) && (await runOne(client, n, sql));
    if (!given && role !== owner) left.add(role);
  }
  return [...left];
}

/** As a named statement, of which PostgreSQL takes one at a time. False: no such object, or no right to it. */
async function runOne(client: pg.ClientBase, n: number, sql: string): Promise<boolean> {
  try {
    await client.query({ name: `later ${n}`, text: sql.replace(/;$/u, '') });
    return true;
  } catch (error) {
    if (error instanceof Error && 'severity' in error) return false;
    throw error;
  }
}

/** Functions that would act with a superuser's rights for whoever calls them. */
export async function actsAsSuperuser(
  client: pg.ClientBase,
  { role }: Loader,
  owner: string,
): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>(
    `select exists (select from pg_catalog.pg_proc p where p.prosecdef and p.proowner = $1::pg_catalog.regrole)
       and (select rolsuper from pg_catalog.pg_roles where rolname = $2) as found`,
    [role, owner],
  );
  return rows[0]?.found === true;
}
