/** Numbered SQL files, each applied once, in order, in a transaction. */
import { readdir, readFile } from 'node:fs/promises';
import type { ClientBase } from 'pg';

const MIGRATIONS = new URL('./migrations/', import.meta.url);

/** The files that this journal has not seen yet, in order; all of them where there is none. */
export async function dueMigrations(client: ClientBase): Promise<readonly string[]> {
  const files = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql')).sort();
  const there = await client.query<{ there: boolean }>(
    `select to_regclass('migrations') is not null as there`,
  );
  if (there.rows[0]?.there !== true) return files;
  const { rows } = await client.query<{ name: string }>('select name from migrations');
  const done = new Set(rows.map((row) => row.name));
  return files.filter((name) => !done.has(name));
}

/** The caller holds the lock that migrating processes share. @returns what was applied. */
export async function migrate(client: ClientBase): Promise<readonly string[]> {
  await client.query(
    'create table if not exists migrations (name text primary key, at timestamptz not null default now())',
  );
  const due = await dueMigrations(client);
  for (const name of due) {
    const sql = await readFile(new URL(name, MIGRATIONS), 'utf8');
    await client.query('begin');
    try {
      await client.query(sql);
      await client.query('insert into migrations (name) values ($1)', [name]);
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw new Error(`migration ${name} failed`, { cause: error });
    }
  }
  return due;
}
