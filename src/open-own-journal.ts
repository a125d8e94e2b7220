/** The journal as this process opens it: made by its owner where that is configured, used by the bot's role. */
import type { Config } from './config.ts';
import { migrateJournal, roleOf } from './journal/migrate-journal.ts';
import { type Journal, openJournal } from './journal/open-journal.ts';
import { makeQueueSchema } from './journal/queue-schema.ts';
import { keptBefore } from './local/keep-secret.ts';
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

/** The audit log's keys from before a rotation, the newest first: as configured, or as kept beside a made one. */
export function keysBefore({ auditKey, auditKeysBefore, dataDir }: Config): readonly string[] {
  return [...auditKeysBefore, ...(auditKey === null ? keptBefore(dataDir, 'audit.key') : [])];
}
