/** One row in the small moalog's MySQL, to see whether its data outlives what is done. */
import { createConnection } from 'mysql2/promise';
import { z } from 'zod';

type Env = Readonly<Record<string, string>>;
const rows = z.array(z.object({ text: z.string() }));

async function ask<T>(
  env: Env,
  work: (connection: Awaited<ReturnType<typeof createConnection>>) => Promise<T>,
): Promise<T> {
  const connection = await createConnection(env.MOALOG_MYSQL_URL ?? '');
  try {
    await connection.query('create table if not exists kept (text varchar(100))');
    return await work(connection);
  } finally {
    await connection.end();
  }
}

export async function keepRow(env: Env, text: string): Promise<void> {
  await ask(env, (connection) => connection.query('insert into kept values (?)', [text]));
}

export async function rowsKept(env: Env): Promise<readonly string[]> {
  const [found] = await ask(env, (connection) => connection.query('select text from kept'));
  return rows.parse(found).map(({ text }) => text);
}
