/** App Home: who has it open, and what was last published for them. */
import type { Tx } from './open-journal.ts';

export interface HomeRow {
  readonly person: string;
  readonly digest: string | null;
  readonly tries: number;
}

/** Its view is published anew, as Slack may have lost the one before; not sooner than `paceMs` after the last one. */
export async function openHome(tx: Tx, person: string, paceMs: number): Promise<void> {
  await tx.query(
    `insert into homes (person) values ($1) on conflict (person) do update set opened_at = now(), digest = null, tries = 0,
       next_at = greatest(now(), homes.published_at + make_interval(secs => $2))`,
    [person, paceMs / 1000],
  );
}

/** Those whose turn it is, opened within `openMs`; for `leaseMs` nobody else takes them. */
export async function takeHomes(
  tx: Tx,
  openMs: number,
  leaseMs: number,
  limit: number,
): Promise<readonly HomeRow[]> {
  const { rows } = await tx.query<HomeRow>(
    `update homes set next_at = now() + make_interval(secs => $2)
     where person in (select person from homes where next_at <= now() and opened_at > now() - make_interval(secs => $1)
       order by next_at limit $3 for update skip locked)
     returning person, digest, tries`,
    [openMs / 1000, leaseMs / 1000, limit],
  );
  return rows;
}

export async function homeIsPublished(
  tx: Tx,
  person: string,
  digest: string,
  nextInMs: number,
): Promise<void> {
  await tx.query(
    `update homes set digest = $2, published_at = now(), next_at = now() + make_interval(secs => $3), tries = 0
     where person = $1`,
    [person, digest, nextInMs / 1000],
  );
}

/** Nothing new was to be said, or it could not be; `failed`: the latter. */
export async function homeLater(tx: Tx, person: string, inMs: number, failed: boolean): Promise<void> {
  await tx.query(
    `update homes set next_at = now() + make_interval(secs => $2), tries = case when $3 then tries + 1 else 0 end
     where person = $1`,
    [person, inMs / 1000, failed],
  );
}

/** Until it is opened again. */
export async function forgetHome(tx: Tx, person: string): Promise<void> {
  await tx.query('delete from homes where person = $1', [person]);
}
