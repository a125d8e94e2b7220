/**
 * What the bot's role may do with each table: what its use cases do, and no more. It owns nothing, so it can't give
 * itself more, switch a trigger off, or drop, truncate or alter a table. A new table needs its line here.
 */
import pg from 'pg';

/** `update` is also what locking a row (`for update`) needs. */
type Right = 'select' | 'insert' | 'update' | 'delete';

const READ: readonly Right[] = ['select'];
const APPEND: readonly Right[] = ['select', 'insert'];
const WRITE: readonly Right[] = ['select', 'insert', 'update'];
const KEEP: readonly Right[] = ['select', 'insert', 'update', 'delete'];

/** Rows that hang on another (`on delete cascade`) go with it, by the right of the table's owner. */
export const TABLE_RIGHTS: Readonly<Record<string, readonly Right[]>> = {
  absences: WRITE,
  alerts: WRITE,
  audit_entries: APPEND,
  audit_head: ['select', 'update'],
  channels: WRITE,
  chores: WRITE,
  dead_letters: KEEP,
  decisions: APPEND,
  definitions: KEEP,
  delegations: WRITE,
  early_ends: KEEP,
  escalations: WRITE,
  events: APPEND,
  executions: WRITE,
  halts: WRITE,
  health_answers: KEEP,
  health_parts: WRITE,
  health_samples: KEEP,
  health_states: WRITE,
  health_turns: WRITE,
  heartbeats: WRITE,
  homes: KEEP,
  ignored_alerts: WRITE,
  incidents: KEEP,
  lookups: WRITE,
  maintenances: WRITE,
  messages: KEEP,
  migrations: READ,
  notes: APPEND,
  outputs: WRITE,
  pictures: WRITE,
  readings: KEEP,
  requests: WRITE,
  runs: KEEP,
  severity_rises: APPEND,
  silences: WRITE,
  steps: WRITE,
  storm_entries: WRITE,
  storms: KEEP,
  ticks: KEEP,
  timers: KEEP,
  triggers: ['select', 'insert', 'delete'],
  undo_parts: ['select', 'insert', 'delete'],
  unwanted_posts: KEEP,
};

/** Takes whatever the role may in this schema, then gives what it needs. The caller owns the tables. */
export async function grantRights(client: pg.ClientBase, role: string, schema: string): Promise<void> {
  const [to, inSchema] = [pg.escapeIdentifier(role), pg.escapeIdentifier(schema)];
  await client.query(`revoke all on all tables in schema ${inSchema} from ${to}`);
  await client.query(`revoke all on all sequences in schema ${inSchema} from ${to}`);
  await client.query(`grant usage on schema ${inSchema} to ${to}`);
  for (const [table, rights] of Object.entries(TABLE_RIGHTS)) {
    await client.query(`grant ${rights.join(', ')} on ${inSchema}.${pg.escapeIdentifier(table)} to ${to}`);
  }
  await client.query(`grant usage on all sequences in schema ${inSchema} to ${to}`);
}
