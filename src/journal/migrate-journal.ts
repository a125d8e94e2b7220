/** The journal's tables, made and owned by one role, and what the bot's role may do with them. */
import pg from 'pg';
import { connectOrSay } from './connection.ts';
import { JournalTrouble } from './journal-trouble.ts';
import { migrate } from './migrate.ts';
import { grantRights } from './rights.ts';
import { takeOver } from './take-over.ts';

/** Any fixed number: the advisory lock of processes that migrate, or set rights, which fail at once otherwise. */
const LOCK = 428_001;

export interface Owner {
  readonly ownerUrl: string;
  /** The role that `DATABASE_URL` names. */
  readonly botRole: string;
  readonly schema: string;
}

/** Runs `work` while no other process migrates this database. */
export async function inTurn<T>(client: pg.ClientBase, work: () => Promise<T>): Promise<T> {
  await client.query('select pg_advisory_lock($1)', [LOCK]);
  try {
    return await work();
  } finally {
    await client.query('select pg_advisory_unlock($1)', [LOCK]);
  }
}

/** The role that an address logs in as. */
export function roleOf(url: string): string {
  return decodeURIComponent(new URL(url).username);
}

/**
 * Makes or mends the tables as their owner, takes over what the bot's role still owns, and sets its rights. `more`: what
 * else the owner makes, on the same connection, with the role to grant to (null: the owner itself is the bot's role).
 * @throws JournalTrouble when the owner's address, or one of its rights, is not enough. @returns the migrations applied.
 */
export async function migrateJournal(
  { ownerUrl, botRole, schema }: Owner,
  more: (client: pg.ClientBase, grantee: string | null) => Promise<void>,
): Promise<readonly string[]> {
  const client = await connectOrSay({ url: ownerUrl, schema }, 'DATABASE_OWNER_URL');
  try {
    return await inTurn(client, () => asOwner(client, botRole, schema, more));
  } catch (error) {
    throw notAllowed(error) ?? error;
  } finally {
    await client.end();
  }
}

async function asOwner(
  client: pg.ClientBase,
  botRole: string,
  schema: string,
  more: (client: pg.ClientBase, grantee: string | null) => Promise<void>,
): Promise<readonly string[]> {
  const me = await client.query<{ me: string; bot: boolean }>(
    'select current_user as me, exists (select from pg_roles where rolname = $1) as bot',
    [botRole],
  );
  const grantee = me.rows[0]?.me === botRole ? null : botRole;
  if (grantee !== null && me.rows[0]?.bot !== true)
    throw new JournalTrouble([
      `DATABASE_URL: there is no role ${botRole} on this server; make it: create role ${pg.escapeIdentifier(botRole)} login password '…'`,
    ]);
  if (grantee !== null) await takeOver(client, grantee, [schema, 'bullmq']);
  const there = await client.query('select from pg_namespace where nspname = $1', [schema]);
  if (there.rowCount === 0) await client.query(`create schema ${pg.escapeIdentifier(schema)}`);
  const applied = await migrate(client);
  await setRights(client, grantee, schema);
  await more(client, grantee);
  return applied;
}

/** Before PostgreSQL 15 everybody may make tables in `public`; the owner of the schema ends that. */
async function setRights(client: pg.ClientBase, grantee: string | null, schema: string): Promise<void> {
  await client.query('begin');
  if (grantee === null)
    await client.query('revoke update, delete, truncate on audit_entries from current_user');
  else await grantRights(client, grantee, schema);
  const { rows } = await client.query<{ mine: boolean }>(
    `select pg_has_role(current_user, nspowner, 'usage') as mine from pg_namespace where nspname = $1`,
    [schema],
  );
  if (rows[0]?.mine === true)
    await client.query(`revoke create on schema ${pg.escapeIdentifier(schema)} from public`);
  await client.query('commit');
}

function notAllowed(error: unknown): JournalTrouble | null {
  if (error instanceof JournalTrouble) return error;
  const cause = error instanceof Error && error.cause instanceof pg.DatabaseError ? error.cause : error;
  if (!(cause instanceof pg.DatabaseError) || cause.code !== '42501') return null;
  return new JournalTrouble(
    [
      `DATABASE_OWNER_URL: its role may not make the journal (${cause.message}); make it the owner of the database, or grant it create on the database (and name its own schema in DATABASE_SCHEMA)`,
    ],
    error,
  );
}
