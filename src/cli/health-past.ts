/** What a terminal shows of the past, where a journal can be reached; health itself needs none. */
import type pg from 'pg';
import { type Env, readSetting } from '../config.ts';
import type { HealthHistory, HealthState } from '../domain/health-history.ts';
import { connectJournal } from '../journal/connection.ts';
import { readHealthHistory, readHealthStates } from '../journal/health-history.ts';
import { findRunningEmbedded } from '../local/embedded-postgres.ts';

/** Nobody waits for a journal that is away. */
const PATIENCE_MS = 1000;

export interface Past {
  readonly states: readonly HealthState[];
  readonly history: HealthHistory | null;
}

/** Null: there is no journal, it does not answer, or it is of an older version. */
export async function readPast(env: Env, system: string, service: string | null): Promise<Past | null> {
  let client: pg.Client | null = null;
  try {
    const url =
      readSetting(env, 'DATABASE_URL') ?? (await findRunningEmbedded(readSetting(env, 'PAGETURNER_DATA')));
    if (url === null) return null;
    client = await connectJournal(
      { url, schema: readSetting(env, 'DATABASE_SCHEMA') },
      { connectMs: PATIENCE_MS, queryMs: PATIENCE_MS },
    );
    const states = await readHealthStates(client, system);
    const history = service === null ? null : await readHealthHistory(client, system, service, new Date());
    return { states, history };
  } catch {
    return null;
  } finally {
    client?.end().catch(() => undefined);
  }
}
