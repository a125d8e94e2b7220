/** Storms: one root message for many incidents, and which page of its thread names which. */
import type { StormLine } from '../domain/storm.ts';
import type { Statement } from './commit.ts';
import type { Tx } from './open-journal.ts';

export interface StormRow {
  readonly id: number;
  readonly channel: string;
  /** Only incidents without a runbook share its thread. */
  readonly unknownOnly: boolean;
  readonly beganAt: Date;
  readonly endedAt: Date | null;
  /** Entries named in the last list made as a file; how many lists there are; whether a minute has passed since. */
  readonly listed: number;
  readonly lists: number;
  readonly listDue: boolean;
}

export interface StormCounts {
  readonly entries: number;
  readonly resolved: number;
  readonly opened: number;
  readonly bySeverity: readonly { readonly name: string; readonly count: number }[];
  readonly bySystem: readonly { readonly name: string; readonly count: number }[];
}

export interface StormEntry extends StormLine {
  readonly token: string;
  readonly openedAt: Date;
}

const STORM = `s.id::float8 as id, s.channel, s.unknown_only as "unknownOnly", s.began_at as "beganAt", s.ended_at as "endedAt", s.listed, s.lists,
  (s.listed_at is null or s.listed_at < now() - interval '1 minute') as "listDue"`;
const ENTRY = `i.id::float8 as id, i.token, i.alertname, i.system, i.service, i.severity, i.state,
  i.opened_at as "openedAt", e.opened_at is not null as "hasThread"`;
const ENTRIES = 'storm_entries e join incidents i on i.id = e.incident_id';

export async function readStorm(tx: Tx, id: number): Promise<StormRow | null> {
  const { rows } = await tx.query<StormRow>(`select ${STORM} from storms s where s.id = $1`, [id]);
  return rows[0] ?? null;
}

/** Storms with anything left to do, in no order. */
export async function busyStorms(tx: Tx): Promise<readonly number[]> {
  const { rows } = await tx.query<{ id: number }>(
    `select id::float8 as id from (
       select id from storms where not done
       union select storm_id from storm_entries where page is null
       union select storm_id from storm_entries where changed) busy
     order by random() limit 20`,
  );
  return rows.map(({ id }) => id);
}

/** Null: another process has it. */
export async function lockStorm(tx: Tx, id: number): Promise<StormRow | null> {
  const { rows } = await tx.query<StormRow>(
    `select ${STORM} from storms s where s.id = $1 for update skip locked`,
    [id],
  );
  return rows[0] ?? null;
}

export async function countStorm(tx: Tx, id: number): Promise<StormCounts> {
  const { rows } = await tx.query<StormCounts>(
    `with e as (select i.state, i.severity, coalesce(i.system, 'no system') as system, e.opened_at from ${ENTRIES}
       where e.storm_id = $1)
     select count(*)::int as entries, count(*) filter (where state = 'resolved')::int as resolved,
       count(opened_at)::int as opened,
       (select coalesce(jsonb_agg(x), '[]') from (select severity as name, count(*) as count from e group by 1
          order by 2 desc, 1 limit 5) x) as "bySeverity",
       (select coalesce(jsonb_agg(x), '[]') from (select system as name, count(*) as count from e group by 1
          order by 2 desc, 1 limit 5) x) as "bySystem"
     from e`,
    [id],
  );
  return rows[0] ?? { entries: 0, resolved: 0, opened: 0, bySeverity: [], bySystem: [] };
}

/** The entries that no page names yet, in order. */
export async function unplacedEntries(tx: Tx, id: number, limit: number): Promise<readonly StormEntry[]> {
  const { rows } = await tx.query<StormEntry>(
    `select ${ENTRY} from ${ENTRIES} where e.storm_id = $1 and e.page is null order by e.n limit $2`,
    [id, limit],
  );
  return rows;
}

export async function lastPage(tx: Tx, id: number): Promise<number> {
  const { rows } = await tx.query<{ page: number }>(
    'select coalesce(max(page), 1) as page from storm_entries where storm_id = $1',
    [id],
  );
  return rows[0]?.page ?? 1;
}

export async function readPage(tx: Tx, id: number, page: number): Promise<readonly StormEntry[]> {
  const { rows } = await tx.query<StormEntry>(
    `select ${ENTRY} from ${ENTRIES} where e.storm_id = $1 and e.page = $2 order by e.n`,
    [id, page],
  );
  return rows;
}

/** The first `limit` entries of a storm, in order. */
export async function readEntries(tx: Tx, id: number, limit: number): Promise<readonly StormEntry[]> {
  const { rows } = await tx.query<StormEntry>(
    `select ${ENTRY} from ${ENTRIES} where e.storm_id = $1 order by e.n limit $2`,
    [id, limit],
  );
  return rows;
}

export function placeEntries(placed: readonly { readonly id: number; readonly page: number }[]): Statement {
  return {
    text: `update storm_entries e set page = p.page from jsonb_to_recordset($1) as p(id bigint, page integer)
      where e.incident_id = p.id`,
    values: [JSON.stringify(placed)],
  };
}

/** The pages whose lines may have changed; they are no longer marked. */
export async function takeChangedPages(tx: Tx, id: number): Promise<readonly number[]> {
  const { rows } = await tx.query<{ page: number }>(
    `with c as (update storm_entries set changed = false where storm_id = $1 and changed and page is not null returning page)
     select distinct page from c order by page`,
    [id],
  );
  return rows.map((row) => row.page);
}

/**
 * New threads that wait to be posted in a channel (`unknownOnly`: of incidents without a runbook), entries of its storms that no posted page names, and entries that
 * joined within `calmMs`, together; counted up to `limit`.
 */
export async function countWaiting(
  tx: Tx,
  channel: string,
  {
    calmMs,
    limit,
    unknownOnly,
  }: { readonly calmMs: number; readonly limit: number; readonly unknownOnly: boolean },
): Promise<number> {
  const { rows } = await tx.query<{ n: number }>(
    `select (
       (select count(*) from (select 1 from messages where channel = $1 and surface = 'incident' and slot = 'root'
          and ts is null and wanted > shown and (not $4 or priority = 2) limit $3) a)
       + (select count(*) from (select 1 from storm_entries e join storms s on s.id = e.storm_id
          where s.channel = $1 and s.ended_at is null and (e.page is null or e.joined_at > now() - make_interval(secs => $2)
            or exists (select 1 from messages m where m.surface = 'storm' and m.subject = s.id
              and m.slot = 'page-' || e.page and m.ts is null and m.wanted > m.shown)) limit $3) b))::int as n`,
    [channel, calmMs / 1000, limit, unknownOnly],
  );
  return rows[0]?.n ?? 0;
}

export function endStorm(id: number): Statement {
  return { text: 'update storms set ended_at = now() where id = $1 and ended_at is null', values: [id] };
}

/** Nothing is left to be said of it, until one of its incidents changes. */
export function finishStorm(id: number): Statement {
  return { text: 'update storms set done = true where id = $1', values: [id] };
}

export function noteList(id: number, entries: number): Statement {
  return {
    text: 'update storms set listed = $2, lists = lists + 1, listed_at = now() where id = $1',
    values: [id, entries],
  };
}

/** Gives a storm's incident a thread of its own; whether it had none. */
export async function claimThread(tx: Tx, incidentId: number, by: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update storm_entries set opened_at = now(), opened_by = $2, changed = true
     where incident_id = $1 and opened_at is null`,
    [incidentId, by],
  );
  return rowCount === 1;
}

/** Whether an incident is only named in a storm. */
export async function isHeld(tx: Tx, incidentId: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    'select 1 from storm_entries where incident_id = $1 and opened_at is null',
    [incidentId],
  );
  return rowCount === 1;
}

/** Storms under way, and the groups named in them. */
export async function stormGauge(tx: Tx): Promise<{ readonly storms: number; readonly entries: number }> {
  const { rows } = await tx.query<{ storms: number; entries: number }>(
    `select count(distinct s.id)::int as storms, count(e.incident_id)::int as entries
     from storms s left join storm_entries e on e.storm_id = s.id where s.ended_at is null`,
  );
  return rows[0] ?? { storms: 0, entries: 0 };
}
