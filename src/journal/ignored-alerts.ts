/** Alerts that a route keeps out of every channel: counted, so that they can be looked for. */
import type { Statement } from './commit.ts';
import type { Tx } from './open-journal.ts';

export interface IgnoredAlert {
  readonly alertname: string;
  readonly count: number;
  readonly lastAt: Date;
}

/** Kept of a name. */
const LONGEST_NAME = 200;

export function countIgnored(alertnames: readonly string[]): Statement {
  return {
    text: `insert into ignored_alerts (alertname, count)
      select name, count(*) from unnest($1::text[]) as name group by name order by name
      on conflict (alertname) do update set count = ignored_alerts.count + excluded.count, last_at = now()`,
    values: [alertnames.map((name) => name.slice(0, LONGEST_NAME).toWellFormed())],
  };
}

/** The last to come first. */
export async function readIgnored(tx: Tx, limit: number): Promise<readonly IgnoredAlert[]> {
  const { rows } = await tx.query<IgnoredAlert>(
    `select alertname, count::float8 as count, last_at as "lastAt" from ignored_alerts order by last_at desc limit $1`,
    [limit],
  );
  return rows;
}
