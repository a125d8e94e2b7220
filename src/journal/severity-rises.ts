/** Each time an alert joined an incident that was worse than those before it. */
import type { Statement } from './commit.ts';
import type { Tx } from './open-journal.ts';

export interface SeverityRise {
  /** From 1. */
  readonly n: number;
  readonly at: Date;
  readonly from: string;
  readonly to: string;
  readonly alertname: string;
}

/** The incident shows it from now on; its messages take the place that belongs to it. */
export async function raiseSeverity(
  tx: Tx,
  id: number,
  rise: Pick<SeverityRise, 'from' | 'to' | 'alertname'> & { readonly critical: boolean },
): Promise<number> {
  const { rows } = await tx.query<{ n: number }>(
    `with raised as (update incidents set severity = $3, critical = critical or $5 where id = $1),
       sooner as (update messages set priority = 0 where $5 and surface = 'incident' and subject = $1)
     insert into severity_rises (incident_id, n, from_word, to_word, alertname)
     select $1, coalesce(max(n), 0) + 1, $2, $3, $4 from severity_rises where incident_id = $1 returning n`,
    [id, rise.from, rise.to, rise.alertname, rise.critical],
  );
  return rows[0]?.n ?? 1;
}

export async function readRise(tx: Tx, id: number, n: number): Promise<SeverityRise | null> {
  const { rows } = await tx.query<SeverityRise>(
    `select n, at, from_word as "from", to_word as "to", alertname from severity_rises where incident_id = $1 and n = $2`,
    [id, n],
  );
  return rows[0] ?? null;
}

/** One that fires again counts it, from the first time within `withinMs`. */
export function countFlap(id: number, withinMs: number): Statement {
  return {
    text: `update incidents set
        flaps = case when flaps_since > now() - make_interval(secs => $2) then flaps + 1 else 1 end,
        flaps_since = case when flaps_since > now() - make_interval(secs => $2) then flaps_since else now() end
      where id = $1`,
    values: [id, withinMs / 1000],
  };
}
