/** Each time somebody was called because nobody answered, and the pages that go with it. */
import type { EscalationRole, Level } from '../domain/escalation.ts';
import type { Tx } from './open-journal.ts';

export type EscalationSurface = 'incident' | 'request';

export interface EscalationRow {
  readonly id: number;
  readonly surface: EscalationSurface;
  readonly subject: number;
  readonly incidentId: number | null;
  readonly runId: number | null;
  readonly level: number;
  readonly role: EscalationRole;
  readonly people: readonly string[];
  readonly at: Date;
  readonly nextRole: EscalationRole | null;
  readonly nextPeople: readonly string[] | null;
  readonly nextAt: Date | null;
  readonly page: 'none' | 'due' | 'sent' | 'failed';
  readonly pageTries: number;
  readonly pageProblem: string | null;
  readonly pagedAt: Date | null;
  /** Nobody was called after it. */
  readonly isLast: boolean;
}

const COLUMNS = `e.id::float8 as id, e.surface, e.subject::float8 as subject, e.incident_id::float8 as "incidentId",
  e.run_id::float8 as "runId", e.level, e.role, e.people, e.at, e.next_role as "nextRole", e.next_people as "nextPeople",
  e.next_at as "nextAt", e.page, e.page_tries as "pageTries", e.page_problem as "pageProblem", e.paged_at as "pagedAt",
  not exists (select 1 from escalations o where o.surface = e.surface and o.subject = e.subject and o.id > e.id) as "isLast"`;

export interface EscalationDraft {
  readonly surface: EscalationSurface;
  readonly subject: number;
  readonly incidentId: number | null;
  readonly runId: number | null;
  readonly level: number;
  readonly call: Level;
  readonly next: Level | null;
  readonly nextInMs: number;
  readonly pages: boolean;
}

export async function insertEscalation(tx: Tx, draft: EscalationDraft): Promise<number> {
  const { call, next } = draft;
  const { rows } = await tx.query<{ id: number }>(
    `insert into escalations (surface, subject, incident_id, run_id, level, role, people, next_role, next_people, next_at,
       page, page_try_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, case when $8::text is not null then now() + make_interval(secs => $10) end,
       $11, case when $11 = 'due' then now() end)
     returning id::float8 as id`,
    [
      draft.surface,
      draft.subject,
      draft.incidentId,
      draft.runId,
      draft.level,
      call.role,
      call.people,
      next?.role ?? null,
      next?.people ?? null,
      draft.nextInMs / 1000,
      draft.pages ? 'due' : 'none',
    ],
  );
  return rows[0]?.id ?? 0;
}

/** In the order in which they were called. */
export async function readEscalations(
  tx: Tx,
  surface: EscalationSurface,
  subject: number,
): Promise<readonly EscalationRow[]> {
  const { rows } = await tx.query<EscalationRow>(
    `select ${COLUMNS} from escalations e where e.surface = $1 and e.subject = $2 order by e.id`,
    [surface, subject],
  );
  return rows;
}

export async function readEscalation(tx: Tx, id: number): Promise<EscalationRow | null> {
  const { rows } = await tx.query<EscalationRow>(`select ${COLUMNS} from escalations e where e.id = $1`, [
    id,
  ]);
  return rows[0] ?? null;
}

/** The round is over: nobody else is called, and no page goes out that has not gone yet. */
export async function stopCalling(tx: Tx, surface: EscalationSurface, subject: number): Promise<void> {
  await tx.query(
    `update escalations set next_role = null, next_people = null, next_at = null, ended_at = coalesce(ended_at, now()),
       page = case when page = 'due' then 'none' else page end
     where surface = $1 and subject = $2 and (ended_at is null or next_at is not null or page = 'due')`,
    [surface, subject],
  );
}

/** Whether a call of the incident is planned; `orWas`: or somebody was called. */
export async function isEscalating(tx: Tx, incidentId: number, orWas: boolean): Promise<boolean> {
  const { rows } = await tx.query(
    `select 1 from timers where kind = 'incident.escalate' and subject = $1
     union all select 1 from escalations where $2 and surface = 'incident' and subject = $1 limit 1`,
    [incidentId, orWas],
  );
  return rows.length > 0;
}

/** Critical incidents without a runbook, with a thread of their own, for which no call is planned or was made; in no order. */
export async function unescalated(tx: Tx): Promise<readonly number[]> {
  const { rows } = await tx.query<{ id: number }>(
    `select i.id::float8 as id from incidents i
     where i.state = 'firing' and i.critical and i.runbook_id is null
       and not exists (select 1 from timers t where t.kind = 'incident.escalate' and t.subject = i.id)
       and not exists (select 1 from escalations e where e.surface = 'incident' and e.subject = i.id)
       and not exists (select 1 from storm_entries s where s.incident_id = i.id and s.opened_at is null)
     order by random() limit 50`,
  );
  return rows.map((row) => row.id);
}

/** Takes the pages that are due for `leaseMs`: one that is not marked by then is sent again. */
export async function takePages(tx: Tx, leaseMs: number): Promise<readonly EscalationRow[]> {
  const { rows } = await tx.query<EscalationRow>(
    `update escalations e set page_tries = page_tries + 1, page_try_at = now() + make_interval(secs => $1)
     where e.id in (select id from escalations where page = 'due' and page_try_at <= now() order by id limit 5
       for update skip locked)
     returning ${COLUMNS}`,
    [leaseMs / 1000],
  );
  return rows;
}

/** `again`: milliseconds until the next attempt; null: it went out, or never will. */
export async function markPage(
  tx: Tx,
  id: number,
  result: { readonly problem: string | null; readonly againMs: number | null },
): Promise<void> {
  const page = result.problem === null ? 'sent' : result.againMs === null ? 'failed' : 'due';
  await tx.query(
    `update escalations set page = $2, page_problem = $3, paged_at = case when $2 = 'sent' then now() end,
       page_try_at = case when $2 = 'due' then now() + make_interval(secs => $4) end
     where id = $1 and page = 'due'`,
    [id, page, result.problem, (result.againMs ?? 0) / 1000],
  );
}

/**
 * A backup who was called because the person on call did not answer stands in for them in that incident: while the round
 * goes on, and after it when it was this person who took the incident.
 */
export async function wasCalledAsBackup(tx: Tx, incidentId: number, person: string): Promise<boolean> {
  const { rows } = await tx.query(
    `select 1 from escalations e join incidents i on i.id = e.incident_id
     where e.incident_id = $1 and e.surface = 'incident' and e.role = 'backup' and $2 = any(e.people)
       and case when i.state = 'firing' then e.ended_at is null
         else i.state <> 'resolved' and i.acknowledged_by = $2 and e.ended_at >= i.acknowledged_at end
     limit 1`,
    [incidentId, person],
  );
  return rows.length > 0;
}
