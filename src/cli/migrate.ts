/** `pageturner migrate`: the journal's tables, and the queue's, made and owned by `DATABASE_OWNER_URL`'s role. */
import { ConfigError, type Env, readSetting } from '../config.ts';
import { migrateJournal, roleOf } from '../journal/migrate-journal.ts';
import { makeQueueSchema } from '../journal/queue-schema.ts';
import { readArguments } from './commands.ts';

/** 0: all is there, and the bot's role may do what it needs; 2: wrong usage; 3: an address or a right is wanting. */
export async function migrate(args: readonly string[], env: Env): Promise<number> {
  if (readArguments('migrate', args) === null) return 2;
  const databaseUrl = readSetting(env, 'DATABASE_URL');
  if (databaseUrl === null) {
    throw new ConfigError([
      'DATABASE_URL: missing; expected the address that the bot uses, e.g. DATABASE_URL=postgres://pageturner:secret@127.0.0.1:5432/pageturner',
    ]);
  }
  const databaseOwnerUrl = readSetting(env, 'DATABASE_OWNER_URL');
  const schema = readSetting(env, 'DATABASE_SCHEMA');
  const botRole = roleOf(databaseUrl);
  const queue = readSetting(env, 'REDIS_URL') === null ? makeQueueSchema : async () => undefined;
  const applied = await migrateJournal({ ownerUrl: databaseOwnerUrl ?? databaseUrl, botRole, schema }, queue);
  const done = applied.length === 0 ? 'nothing was due' : `applied ${applied.join(', ')}`;
  const role = databaseOwnerUrl === null ? `${botRole} owns the tables` : `${botRole} may use them`;
  process.stdout.write(`migrate: ${done}; ${role}\n`);
  return 0;
}
