/** Numbered SQL files, each applied once, in order, in a transaction; a lock lets many processes start at once. */
import { readdir, readFile } from 'node:fs/promises';
import type { ClientBase } from 'pg';

const MIGRATIONS = new URL('./migrations/', import.meta.url);
/** Any fixed number: the advisory lock that migrating processes share. */
const LOCK = 428_001;

export async function migrate(client: ClientBase): Promise<readonly string[]> {
  await client.query('select pg_advisory_lock($1)', [LOCK]);
  try {
    await client.query(
      'create table if not exists migrations (name text primary key, at timestamptz not null default now())',
    );
    const done = new Set(
      (await client.query<{ name: string }>('select name from migrations')).rows.map((r) => r.name),
    );
    const files = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql')).sort();
    const due = files.filter((name) => !done.has(name));
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
  } finally {
    await client.query('select pg_advisory_unlock($1)', [LOCK]);
  }
}
