/**
 * The role that a dump is loaded as: made for one load, with a password that nobody knows, no attribute and no
 * membership. What a dump's SQL does, it does as this role; it owns the new database while it loads, and nothing else.
 */
import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { inDatabase } from '../../clients/postgres.ts';

export interface Loader {
  readonly role: string;
  /** Logs in to the new database, until it is closed. */
  readonly url: string;
}

const PREFIX = 'pageturner_load_';

/** The caller may make roles, and is in no transaction. */
export async function makeLoader(client: pg.ClientBase, url: string, database: string): Promise<Loader> {
  const role = `${PREFIX}${randomBytes(6).toString('hex')}`;
  const password = randomBytes(24).toString('hex');
  await client.query(
    `create role ${role} login password '${password}' nosuperuser nocreatedb nocreaterole noreplication nobypassrls
     connection limit 4`,
  );
  // Whoever is no superuser gives and takes what a role owns as its member.
  await client.query(`grant ${role} to current_user`).catch(() => undefined);
  const address = new URL(inDatabase(url, database));
  address.username = role;
  address.password = password;
  for (const name of ['user', 'password']) address.searchParams.delete(name);
  return { role, url: address.href };
}

/** It can't log in any more, nobody is logged in as it, and what it has set for its database is gone. */
export async function closeLoader(client: pg.ClientBase, { role }: Loader, database: string): Promise<void> {
  await client.query(`alter role ${role} nologin`);
  await client.query(
    'select pg_terminate_backend(pid) from (select pid from pg_stat_activity where usename = $1 offset 0) theirs',
    [role],
  );
  await client.query(`alter database ${client.escapeIdentifier(database)} reset all`);
}

/** Nothing is owned by it any more, or what is goes with its database. */
export async function dropLoader(client: pg.ClientBase, { role }: Loader): Promise<void> {
  await client.query(`drop role if exists ${role}`);
}
