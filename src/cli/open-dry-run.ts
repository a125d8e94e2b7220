/** What a dry run stands on: the configuration that the bot has, and its journal, if one runs. */
import pg from 'pg';
import { createActionKinds } from '../actions/index.ts';
import { type Env, readSetting } from '../config.ts';
import { createRedact } from '../domain/redact.ts';
import type { Catalog } from '../domain/runbook.ts';
import { askEachTime } from '../journal/ask-each-time.ts';
import { isHalted } from '../journal/halts.ts';
import type { Tx } from '../journal/open-journal.ts';
import { findRunningEmbedded } from '../local/embedded-postgres.ts';
import { probeKinds } from '../probes/index.ts';
import { OWN_VOLUMES, readSelf } from '../self-identity.ts';
import type { DryRunner } from './dry-run.ts';

const UNDEFINED_TABLE = '42P01';

/** Without a journal that is named or runs here, nothing is read from one. Nothing is written in any case. */
export async function openDryRun(catalog: Catalog, env: Env): Promise<DryRunner> {
  const journalUrl =
    readSetting(env, 'DATABASE_URL') ?? (await findRunningEmbedded(readSetting(env, 'PAGETURNER_DATA')));
  const journal =
    journalUrl === null
      ? null
      : askEachTime({ url: journalUrl, schema: readSetting(env, 'DATABASE_SCHEMA') });
  const redisUrl = readSetting(env, 'REDIS_URL');
  const secrets = [...catalog.secrets, ...[journalUrl, redisUrl].flatMap(passwordOf)];
  return {
    self: await readSelf(redisUrl, journal, OWN_VOLUMES),
    redact: createRedact(secrets),
    kinds: {
      probeKinds,
      actionKinds: createActionKinds({ undoMaxBytes: readSetting(env, 'UNDO_MAX_BYTES') }),
    },
    organisation: catalog.organisation,
    mode: readSetting(env, 'PAGETURNER_MODE'),
    now: new Date(),
    halted: journal === null ? false : await readHalted(journal),
  };
}

/** Null: the journal doesn't answer. A database without its tables has halted nothing. */
async function readHalted(journal: Tx): Promise<boolean | null> {
  try {
    return await isHalted(journal);
  } catch (error) {
    return error instanceof pg.DatabaseError && error.code === UNDEFINED_TABLE ? false : null;
  }
}

function passwordOf(url: string | null): readonly string[] {
  if (url === null || !URL.canParse(url)) return [];
  const { password } = new URL(url);
  return password === '' ? [] : [decodeURIComponent(password)];
}
