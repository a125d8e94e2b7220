/** The journal as this process opens it: made by its owner where that is configured, used by the bot's role. */
import type { Config } from './config.ts';
import { migrateJournal, roleOf } from './journal/migrate-journal.ts';
import { type Journal, openJournal } from './journal/open-journal.ts';
import { makeQueueSchema } from './journal/queue-schema.ts';
import type { LocalParts } from './local/open-local-parts.ts';

/** @throws JournalTrouble with what to set or to run. */
export async function openOwnJournal(
  { redisUrl, databaseSchema: schema, environment }: Config,
  { databaseUrl, ownerUrl }: LocalParts,
  onError: (error: Error) => void,
): Promise<Journal> {
  const more = redisUrl === null ? makeQueueSchema : async () => undefined;
  if (ownerUrl !== null) await migrateJournal({ ownerUrl, botRole: roleOf(databaseUrl), schema }, more);
  return openJournal({ url: databaseUrl, schema, environment, more, onError });
}
