/** Pictures: what a message's picture is to show, and the file that shows it once a worker has drawn it. */
import type { PictureWish } from '../domain/picture.ts';
import type { Statement } from './commit.ts';
import type { Tx } from './open-journal.ts';

export interface PictureKey {
  readonly surface: 'incident' | 'lookup';
  readonly subject: number;
  readonly slot: string;
}

export interface PictureJob extends PictureKey {
  readonly wish: PictureWish;
  /** The first is 1. */
  readonly tries: number;
}

export interface ShownPicture {
  readonly wish: PictureWish;
  /** Slack's file; null: there was one, and Slack would not show it. */
  readonly fileId: string | null;
}

/** How often a message is tried again with a file that Slack is not ready for: after 2, 4, 8 and 16 seconds. */
const SHOWN_TRIES = 4;

/** One for a message; wanted again, it is drawn anew and the old one stays until then. */
export function wantPicture({ surface, subject, slot }: PictureKey, wish: PictureWish): Statement {
  return {
    text: `insert into pictures (surface, subject, slot, wish) values ($1, $2, $3, $4)
      on conflict (surface, subject, slot) do update
      set wish = excluded.wish, state = 'wanted', tries = 0, due_at = now(), problem = null`,
    values: [surface, subject, slot, JSON.stringify(wish)],
  };
}

/** Claims what is to be drawn now: for `leaseMs` nobody else draws it. */
export async function claimPictures(tx: Tx, limit: number, leaseMs: number): Promise<readonly PictureJob[]> {
  const { rows } = await tx.query<PictureJob>(
    `update pictures p set tries = p.tries + 1, due_at = now() + make_interval(secs => $2)
     from (select surface, subject, slot from pictures where state = 'wanted' and due_at <= now()
           order by due_at limit $1 for update skip locked) d
     where p.surface = d.surface and p.subject = d.subject and p.slot = d.slot
     returning p.surface, p.subject::float8 as subject, p.slot, p.wish, p.tries`,
    [limit, leaseMs / 1000],
  );
  return rows;
}

const KEY = 'surface = $1 and subject = $2 and slot = $3';
/** Their messages are out of date: in the same statement, so that a process that dies leaves nothing half-said. */
const raising = (changed: string): string => `with p as (${changed} returning surface, subject, slot)
  update messages m set wanted = m.wanted + 1,
    stale_since = case when m.wanted = m.shown then now() else m.stale_since end
  from p where m.surface = p.surface and m.subject = p.subject and m.slot = p.slot`;

/** Its message shows it from now on. A later wish for another picture is not touched. */
export async function keepPicture(tx: Tx, job: PictureJob, fileId: string): Promise<void> {
  await tx.query(
    raising(`update pictures set state = 'drawn', file_id = $4, due_at = null, tries = 0
      where ${KEY} and state = 'wanted' and tries = $5`),
    [job.surface, job.subject, job.slot, fileId, job.tries],
  );
}

/** Tried again after `inMs`; null: never, the message does without. */
export async function dropPicture(
  tx: Tx,
  job: PictureJob,
  problem: string,
  inMs: number | null,
): Promise<void> {
  await tx.query(
    `update pictures set problem = $4, due_at = now() + make_interval(secs => $5),
       state = case when $5::float8 is null then 'none' else state end,
       file_id = case when $5::float8 is null then null else file_id end
     where ${KEY} and state = 'wanted' and tries = $6`,
    [job.surface, job.subject, job.slot, problem, inMs === null ? null : inMs / 1000, job.tries],
  );
}

/** What a message shows now. Null: no picture, or none yet. */
export async function shownPicture(tx: Tx, key: PictureKey): Promise<ShownPicture | null> {
  const { rows } = await tx.query<ShownPicture>(
    `select wish, case when state <> 'none' then file_id end as "fileId" from pictures
     where ${KEY} and file_id is not null and (state <> 'drawn' or due_at is null)`,
    [key.surface, key.subject, key.slot],
  );
  return rows[0] ?? null;
}

/**
 * Slack would not take a message with this picture: it goes without until the file has had time to become usable, and
 * for good when that was so a few times. False: the message shows no picture, so something else is wrong with it.
 */
export async function hidePicture(
  tx: Tx,
  key: { readonly surface: string; readonly subject: number; readonly slot: string },
  fileId: string,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update pictures set tries = case when state = 'drawn' then tries + 1 else tries end,
       problem = 'Slack does not show the file',
       file_id = case when state = 'wanted' then null else file_id end,
       due_at = case when state = 'wanted' then due_at when tries < $5 then now() + make_interval(secs => 2 ^ (tries + 1)) end,
       state = case when state = 'drawn' and tries >= $5 then 'none' else state end
     where ${KEY} and file_id = $4`,
    [key.surface, key.subject, key.slot, fileId, SHOWN_TRIES],
  );
  return rowCount === 1;
}

/** Pictures whose time to be shown once more has come; their messages are out of date. How many. */
export async function showAgain(tx: Tx): Promise<number> {
  const { rowCount } = await tx.query(
    raising(`update pictures set due_at = null where state = 'drawn' and due_at <= now()`),
  );
  return rowCount ?? 0;
}
