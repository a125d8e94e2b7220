/** BullMQ's own tables on PostgreSQL: made by whoever owns the journal, used by the bot's role. */
import { assertSchemaCompatibility, LATEST_SCHEMA_VERSION, runMigrations } from 'bullmq';
import pg from 'pg';

export const QUEUE_SCHEMA = 'bullmq';

/** `grantee`: the bot's role, unless that owns the tables itself. */
export async function makeQueueSchema(client: pg.ClientBase, grantee: string | null): Promise<void> {
  if (!(await queueSchemaIsThere(client))) await runMigrations(client, QUEUE_SCHEMA);
  if (grantee === null) return;
  const to = pg.escapeIdentifier(grantee);
  await client.query('begin');
  await client.query(`grant usage on schema ${QUEUE_SCHEMA} to ${to}`);
  await client.query(`grant select, insert, update, delete on all tables in schema ${QUEUE_SCHEMA} to ${to}`);
  await client.query(`revoke insert, update, delete on ${QUEUE_SCHEMA}.migration from ${to}`);
  await client.query(`grant usage, select on all sequences in schema ${QUEUE_SCHEMA} to ${to}`);
  await client.query(
    `alter default privileges in schema ${QUEUE_SCHEMA} grant usage, select on sequences to ${to}`,
  );
  await letItNumberJobs(client, to);
  await client.query('commit');
}

/**
 * BullMQ numbers each queue's jobs by a sequence that it makes at the first job, for which the bot's role may make
 * nothing: the functions that do so run as their owner, who may. Their search path is the schema alone.
 */
async function letItNumberJobs(client: pg.ClientBase, to: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select oid::regprocedure::text as name from pg_proc
     where pronamespace = '${QUEUE_SCHEMA}'::regnamespace and prosrc ilike '%create sequence%'`,
  );
  for (const { name } of rows) {
    await client.query(`alter function ${name} security definer set search_path = ${QUEUE_SCHEMA}, pg_temp`);
    await client.query(`revoke execute on function ${name} from public`);
    await client.query(`grant execute on function ${name} to ${to}`);
  }
}

/** Whether its tables are there, and new enough for this BullMQ. */
export async function queueSchemaIsThere(client: Pick<pg.ClientBase, 'query'>): Promise<boolean> {
  const there = await client.query<{ there: boolean }>(
    `select to_regclass('${QUEUE_SCHEMA}.migration') is not null as there`,
  );
  if (there.rows[0]?.there !== true) return false;
  return (await assertSchemaCompatibility(client, QUEUE_SCHEMA)) >= LATEST_SCHEMA_VERSION;
}
