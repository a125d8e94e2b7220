/** What people look up and everybody in the channel sees: a table, or the newest lines of a log that is followed. */
import type { Statement } from './commit.ts';
import type { Tx } from './open-journal.ts';

export interface Followed {
  readonly system: string;
  readonly service: string;
}

export interface Lookup {
  readonly id: number;
  readonly askedBy: string;
  readonly title: string;
  /** Plain text, redacted; shown in a code block. */
  readonly body: string;
  readonly at: Date;
  readonly follow: Followed | null;
  readonly until: Date | null;
  readonly endedAt: Date | null;
  /** What became of it, in a few words; null: it was read once, or is followed. */
  readonly note: string | null;
}

export interface FollowJob {
  readonly id: number;
  readonly follow: Followed;
  readonly body: string;
  /** Milliseconds until it ends; negative: it should have. */
  readonly leftMs: number;
}

const COLUMNS = `id::float8 as id, asked_by as "askedBy", title, body, at, follow, until, ended_at as "endedAt", note`;

/** Null when the very same command was taken before. `followMs`: for a log that is followed. */
export async function insertLookup(
  tx: Tx,
  lookup: {
    readonly askedBy: string;
    readonly askedKey: string;
    readonly title: string;
    readonly body: string;
    readonly follow: (Followed & { readonly forMs: number }) | null;
    readonly note?: string;
  },
): Promise<number | null> {
  const { follow } = lookup;
  const followed =
    follow === null ? null : JSON.stringify({ system: follow.system, service: follow.service });
  const { rows } = await tx.query<{ id: number }>(
    `insert into lookups (asked_by, asked_key, title, body, follow, until, note)
     values ($1, $2, $3, $4, $5, case when $5::jsonb is not null then now() + make_interval(secs => $6) end, $7)
     on conflict (asked_key) do nothing returning id::float8 as id`,
    [
      lookup.askedBy,
      lookup.askedKey,
      lookup.title,
      lookup.body,
      followed,
      (follow?.forMs ?? 0) / 1000,
      lookup.note ?? null,
    ],
  );
  return rows[0]?.id ?? null;
}

export async function readLookup(tx: Tx, id: number): Promise<Lookup | null> {
  const { rows } = await tx.query<Lookup>(`select ${COLUMNS} from lookups where id = $1`, [id]);
  return rows[0] ?? null;
}

export function tellLookup(id: number, note: string): Statement {
  return { text: 'update lookups set note = $2 where id = $1', values: [id, note] };
}

/** How many logs are followed now. */
export async function countFollowed(tx: Tx): Promise<number> {
  const { rows } = await tx.query<{ n: number }>(
    'select count(*)::int as n from lookups where follow is not null and ended_at is null and until > now()',
  );
  return rows[0]?.n ?? 0;
}

/** Logs whose turn it is; for `leaseMs` nobody else takes them. */
export async function claimFollowed(tx: Tx, limit: number, leaseMs: number): Promise<readonly FollowJob[]> {
  const { rows } = await tx.query<FollowJob>(
    `update lookups set lease_until = now() + make_interval(secs => $2)
     where id in (select id from lookups where follow is not null and ended_at is null
       and (lease_until is null or lease_until <= now()) order by lease_until nulls first limit $1 for update skip locked)
     returning id::float8 as id, follow, body, (extract(epoch from until - now()) * 1000)::float8 as "leftMs"`,
    [limit, leaseMs / 1000],
  );
  return rows;
}

/** `nextInMs`: when it is looked at once more; null: this was the end. */
export function tellFollowed(id: number, body: string, nextInMs: number | null): Statement {
  return {
    text: `update lookups set body = $2, lease_until = now() + make_interval(secs => $3),
      ended_at = case when $3::float8 is null then now() end where id = $1 and ended_at is null`,
    values: [id, body, nextInMs === null ? null : nextInMs / 1000],
  };
}

/** The channel that shows it; null: none does. */
export async function channelOfLookup(tx: Tx, id: number): Promise<string | null> {
  const { rows } = await tx.query<{ channel: string }>(
    `select channel from messages where surface = 'lookup' and subject = $1 and slot = 'answer'`,
    [id],
  );
  return rows[0]?.channel ?? null;
}
