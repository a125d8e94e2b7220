/** Commands that need the journal join the one that runs: `DATABASE_URL`, or the embedded server of a bot that runs here. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { ConfigError, type Env, readSetting } from '../config.ts';
import { connectOrSay } from '../journal/connection.ts';
import { findRunningEmbedded } from '../local/embedded-postgres.ts';

export interface JoinedJournal {
  readonly client: pg.Client;
  readonly auditKey: string;
  readonly url: string;
  readonly schema: string;
}

/** @throws ConfigError when no journal runs, or the audit key is nowhere. */
export async function joinJournal(env: Env): Promise<JoinedJournal> {
  const dataDir = readSetting(env, 'PAGETURNER_DATA');
  const url = readSetting(env, 'DATABASE_URL') ?? (await findRunningEmbedded(dataDir));
  if (url === null) {
    throw new ConfigError([
      'DATABASE_URL: missing, and no bot runs here with an embedded journal; start one with npm start, or set e.g. DATABASE_URL=postgres://pageturner:secret@127.0.0.1:5432/pageturner',
    ]);
  }
  const auditKey = keptKey(env);
  const schema = readSetting(env, 'DATABASE_SCHEMA');
  return { client: await connectOrSay({ url, schema }), auditKey, url, schema };
}

/** `AUDIT_KEY`, or the one that the bot made. @throws ConfigError when it is nowhere. */
export function keptKey(env: Env): string {
  const kept = join(readSetting(env, 'PAGETURNER_DATA'), 'audit.key');
  const key = readSetting(env, 'AUDIT_KEY') ?? (existsSync(kept) ? readFileSync(kept, 'utf8').trim() : null);
  if (key === null)
    throw new ConfigError([
      `AUDIT_KEY: missing, and ${kept} is not there; expected the key the bot runs with`,
    ]);
  return key;
}
