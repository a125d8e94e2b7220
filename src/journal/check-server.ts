/** Whether the server behind the journal's address can hold what is written, and keeps a connection to one session. */
import type pg from 'pg';
import { connectJournal, type JournalAddress } from './connection.ts';
import { JournalTrouble } from './journal-trouble.ts';

const ROUNDS = 3;

/** @throws JournalTrouble with what to set. */
export async function checkServer(client: pg.ClientBase, address: JournalAddress): Promise<void> {
  const { rows } = await client.query<{ encoding: string; database: string }>(
    `select pg_encoding_to_char(encoding) as encoding, datname as database from pg_database where datname = current_database()`,
  );
  const [found] = rows;
  if (found !== undefined && found.encoding !== 'UTF8')
    throw new JournalTrouble([
      `DATABASE_URL: the database ${found.database} has the encoding ${found.encoding}, which can't hold what people write; expected UTF8: create database pageturner encoding 'UTF8' template template0`,
    ]);
  await checkSession(client, address);
}

const pidOf = async (client: pg.ClientBase): Promise<number | undefined> =>
  (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid;

/**
 * Statements are prepared, locks are held and settings put for a session. A pooler that gives a connection another
 * session for each transaction shows it: two that are open at once are served by one, or one by several in turn.
 */
async function checkSession(client: pg.ClientBase, address: JournalAddress): Promise<void> {
  const other = await connectJournal(address);
  try {
    const pids: (number | undefined)[] = [];
    for (let round = 0; round < ROUNDS; round += 1) pids.push(await pidOf(client), await pidOf(other));
    const [one, two] = pids;
    const same = pids.every((pid, n) => pid === (n % 2 === 0 ? one : two));
    if (same && one !== two) return;
    throw new JournalTrouble([
      'DATABASE_URL: a pooler there shares sessions between connections; set pool_mode = session for this database (PgBouncer), or give the address of PostgreSQL itself',
    ]);
  } finally {
    await other.end();
  }
}
