/** Incidents that came in the same body, or within a minute on the same system. */
import type { Tx } from './open-journal.ts';

export interface RelatedIncident {
  readonly id: number;
  readonly alertname: string;
  readonly system: string | null;
  readonly service: string | null;
}

const WITHIN = `interval '1 minute'`;

/** At most `limit`: of the same body first, then those that came closest to it. */
export async function relatedIncidents(
  tx: Tx,
  id: number,
  limit: number,
): Promise<readonly RelatedIncident[]> {
  const { rows } = await tx.query<RelatedIncident>(
    `with own as (select id, system, opened_at, arrived_with from incidents where id = $1)
     select id::float8 as id, alertname, system, service from (
       select i.id, i.alertname, i.system, i.service, 0 as far
         from own join incidents i on i.arrived_with = own.arrived_with where i.id <> own.id
       union all
       select i.id, i.alertname, i.system, i.service, 1 from own join incidents i on i.system = own.system
         and i.opened_at between own.opened_at - ${WITHIN} and own.opened_at + ${WITHIN}
         where i.id <> own.id and i.arrived_with is distinct from own.arrived_with) r
     order by far, abs(r.id - $1), r.id limit $2`,
    [id, limit],
  );
  return rows;
}
