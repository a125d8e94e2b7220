/** Messages: what should be in Slack, and what is. Only the projector changes these rows once they exist. */
import type { MessageWant } from './commit.ts';
import type { Tx } from './open-journal.ts';

export interface MessageRow {
  readonly id: number;
  readonly surface: MessageWant['surface'];
  readonly subject: number;
  readonly slot: string;
  readonly channel: string;
  readonly parent: string | null;
  readonly urgent: boolean;
  readonly wanted: number;
  readonly shown: number;
  readonly ts: string | null;
  readonly digest: string | null;
  readonly postingSince: Date | null;
  /** The process that may post it without looking, unless it has begun to. */
  readonly postingBy: string | null;
  readonly updatedAt: Date | null;
  readonly tries: number;
  /** Where whoever asked for it is answered alone; null: nobody waits for it. */
  readonly answerUrl: string | null;
  /** The parent's `ts`, when there is one and it is posted; else the thread where somebody asked. */
  readonly threadTs: string | null;
  readonly ageMs: number;
  /** Since it was last shown, by the database's clock; null: never. */
  readonly sinceUpdateMs: number | null;
}

const COLUMNS = `m.id::float8 as id, m.surface, m.subject::float8 as subject, m.slot, m.channel, m.parent, m.urgent,
  m.wanted::float8 as wanted, m.shown::float8 as shown, m.ts, m.digest, m.posting_since as "postingSince", m.posting_by as "postingBy",
  m.updated_at as "updatedAt", m.tries, m.answer_url as "answerUrl", coalesce(p.ts, m.thread_ts) as "threadTs",
  (extract(epoch from now() - m.stale_since) * 1000)::float8 as "ageMs",
  (extract(epoch from now() - m.updated_at) * 1000)::float8 as "sinceUpdateMs"`;
const WITH_PARENT = `messages m left join messages p
  on p.surface = m.surface and p.subject = m.subject and p.slot = m.parent`;

/**
 * Takes the channel's lease, or says no: one process projects a channel at a time, any process can take over.
 */
export async function leaseChannel(
  tx: Tx,
  channel: string,
  worker: string,
  leaseMs: number,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into channels (id, lease_by, lease_until) values ($1, $2, now() + make_interval(secs => $3))
     on conflict (id) do update set lease_by = $2, lease_until = now() + make_interval(secs => $3)
     where channels.lease_by = $2 or channels.lease_until is null or channels.lease_until < now()`,
    [channel, worker, leaseMs / 1000],
  );
  return rowCount === 1;
}

/**
 * What is left of a channel's burst when this worker takes it up: what the last process gave back, or, when that one
 * died, what its lease's time has given back at the least. Null: nobody else had it, this worker's own count goes on.
 */
export async function leftTokens(
  tx: Tx,
  channel: string,
  worker: string,
  leaseMs: number,
  perSecond: number,
): Promise<number | null> {
  const { rows } = await tx.query<{ tokens: number }>(
    `select case when lease_until is null then tokens + $4 * extract(epoch from now() - given_back_at)
       else $4 * ($3 + greatest(0, extract(epoch from now() - lease_until))) end::float8 as tokens
     from channels where id = $1 and lease_by <> $2`,
    [channel, worker, leaseMs / 1000, perSecond],
  );
  return rows[0]?.tokens ?? null;
}

/** Gives a channel back, with what is left of its burst. */
export async function releaseChannel(tx: Tx, channel: string, worker: string, tokens: number): Promise<void> {
  await tx.query(
    'update channels set lease_until = null, tokens = $3, given_back_at = now() where id = $1 and lease_by = $2',
    [channel, worker, tokens],
  );
}

export async function staleChannels(tx: Tx): Promise<readonly string[]> {
  const { rows } = await tx.query<{ channel: string }>(
    `select distinct channel from messages where (wanted > shown and closed_at is null and (try_at is null or try_at <= now())) or look_again_at <= now()
     union select channel from unwanted_posts where try_at <= now()`,
  );
  return rows.map((row) => row.channel);
}

export type CallKind = 'post' | 'update';

/**
 * By priority, so that the diagnosis of a critical incident waits for no other's; but what was shown a moment ago waits
 * behind what has waited for a minute, so that a message that always changes holds up none.
 */
const UPDATE_ORDER = `case when m.stale_since < now() - interval '1 minute' then least(m.priority, 1)
    when m.updated_at > now() - interval '5 seconds' then greatest(m.priority, 1) else m.priority end, m.stale_since`;

/**
 * What is out of date in a channel, by the call that it needs; urgent first, then by priority. Posts in the order of the
 * thread, parents before children; updates in the order in which they fell behind.
 */
export async function staleMessages(
  tx: Tx,
  channel: string,
  call: CallKind,
  limit: number,
): Promise<readonly MessageRow[]> {
  const which =
    call === 'post' ? 'm.ts is null and (m.parent is null or p.ts is not null)' : 'm.ts is not null';
  const { rows } = await tx.query<MessageRow>(
    `select ${COLUMNS} from ${WITH_PARENT}
     where m.channel = $1 and m.wanted > m.shown and m.closed_at is null and (m.try_at is null or m.try_at <= now()) and ${which}
     order by m.urgent desc, ${call === 'post' ? 'm.priority, m.id' : UPDATE_ORDER} limit $2`,
    [channel, limit],
  );
  return rows;
}

export async function doubtfulMessages(tx: Tx, channel: string): Promise<readonly MessageRow[]> {
  const { rows } = await tx.query<MessageRow>(
    `select ${COLUMNS} from ${WITH_PARENT} where m.channel = $1 and m.look_again_at <= now() and m.ts is not null limit 20`,
    [channel],
  );
  return rows;
}

/**
 * Right before a post. False: the channel's lease has gone to another worker, or the message has changed since it was
 * read; nothing may be posted then. Slack may be so slow that a lease runs out in the middle of a batch.
 */
export async function startPosting(tx: Tx, row: MessageRow, worker: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update messages m set posting_since = coalesce(m.posting_since, now()), posting_by = null from channels c
     where m.id = $1 and m.ts is null and (m.posting_since is null) = $2
       and c.id = m.channel and c.lease_by = $3 and c.lease_until > now()`,
    [row.id, row.postingSince === null, worker],
  );
  return rowCount === 1;
}

/** Nothing, when its thread has begun anew since it was read. `doubtful`: an answer was lost on the way, so a twin may still land and is looked for later. */
export async function markShown(
  tx: Tx,
  row: MessageRow,
  shown: { readonly ts: string; readonly digest: string; readonly doubtful: boolean },
): Promise<void> {
  await tx.query(
    `update messages set ts = $2, digest = $3, shown = $4, posting_since = null, posting_by = null, updated_at = now(), tries = 0,
       try_at = null, problem = null, answer_url = null,
       look_again_at = case when $5 then now() + interval '20 seconds' else look_again_at end,
       urgent = case when wanted = $4 then false else urgent end
     where id = $1 and ts is not distinct from $6`,
    [row.id, shown.ts, shown.digest, row.wanted, shown.doubtful, row.ts],
  );
}

/** Nothing to show, or nothing new. */
export async function markCurrent(tx: Tx, row: MessageRow): Promise<void> {
  await tx.query('update messages set shown = $2, tries = 0, try_at = null where id = $1', [
    row.id,
    row.wanted,
  ]);
}

export async function forgetTs(tx: Tx, id: number): Promise<void> {
  await tx.query('update messages set ts = null, digest = null where id = $1', [id]);
}

export async function lookedAgain(tx: Tx, id: number): Promise<void> {
  await tx.query('update messages set look_again_at = null where id = $1', [id]);
}

export async function tryLater(tx: Tx, id: number, inMs: number, problem: string): Promise<void> {
  await tx.query(
    `update messages set tries = tries + 1, try_at = now() + make_interval(secs => $2), problem = $3 where id = $1`,
    [id, inMs / 1000, problem],
  );
}

/** Shown that much later, together with what changes until then. */
export async function holdBack(tx: Tx, id: number, ms: number): Promise<void> {
  await tx.query('update messages set try_at = now() + make_interval(secs => $2) where id = $1', [
    id,
    ms / 1000,
  ]);
}

/** Slack has answered that it did not take a post. */
export async function notPosted(tx: Tx, id: number): Promise<void> {
  await tx.query('update messages set posting_since = null, posting_by = null where id = $1', [id]);
}

/** A thread that is gone from Slack is posted again below a new root; `replies`: the root itself is seen to already. */
export async function postAgain(
  tx: Tx,
  root: Pick<MessageRow, 'surface' | 'subject' | 'slot'>,
  what: 'thread' | 'replies',
): Promise<void> {
  await tx.query(
    `with again as (select id, channel, ts from messages
       where surface = $1 and subject = $2 and (parent = $3 or (slot = $3 and $4))),
     old as (${NOTE_UNWANTED} select channel, ts from again where ts ~ '^[0-9]+[.][0-9]+$' on conflict do nothing)
     update messages set ts = null, digest = null, wanted = wanted + 1 where id in (select id from again)`,
    [root.surface, root.subject, root.slot, what === 'thread'],
  );
}

const NOTE_UNWANTED = 'insert into unwanted_posts (channel, ts)';

/** A post that must not stay in Slack; deleted as soon as Slack takes that. */
export async function noteUnwanted(tx: Tx, channel: string, ts: string): Promise<void> {
  await tx.query(`${NOTE_UNWANTED} values ($1, $2) on conflict do nothing`, [channel, ts]);
}

/** Those that may be deleted now: one that a message has been found to be again stays. */
export async function unwantedPosts(tx: Tx, channel: string): Promise<readonly string[]> {
  const { rows } = await tx.query<{ ts: string }>(
    `with kept as (delete from unwanted_posts u where u.channel = $1
       and exists (select 1 from messages m where m.channel = u.channel and m.ts = u.ts) returning u.ts)
     select ts from unwanted_posts where channel = $1 and try_at <= now() and ts not in (select ts from kept)
     order by ts limit 20`,
    [channel],
  );
  return rows.map((row) => row.ts);
}

export async function unwantedIsGone(tx: Tx, channel: string, ts: string): Promise<void> {
  await tx.query('delete from unwanted_posts where channel = $1 and ts = $2', [channel, ts]);
}

export async function deleteUnwantedLater(tx: Tx, channel: string, ts: string, inMs: number): Promise<void> {
  await tx.query(
    'update unwanted_posts set try_at = now() + make_interval(secs => $3) where channel = $1 and ts = $2',
    [channel, ts, inMs / 1000],
  );
}

/** Its channel takes no message of the bot; whoever asked is told, and nothing more is tried. */
export async function closeMessage(tx: Tx, row: MessageRow, problem: string): Promise<void> {
  await tx.query(
    'update messages set closed_at = now(), shown = wanted, answer_url = null, problem = $2 where id = $1',
    [row.id, problem],
  );
}

/** Nothing more is tried for it until it changes again: the channel refuses it for good. */
export async function giveUp(tx: Tx, row: MessageRow, problem: string): Promise<void> {
  await tx.query('update messages set shown = $2, problem = $3 where id = $1', [row.id, row.wanted, problem]);
}

/** Milliseconds since the oldest change that is not in Slack yet. */
export async function unprojectedMs(tx: Tx): Promise<number> {
  const { rows } = await tx.query<{ ms: number }>(
    `select coalesce(extract(epoch from now() - min(stale_since)) * 1000, 0)::float8 as ms from messages where wanted > shown and closed_at is null`,
  );
  return rows[0]?.ms ?? 0;
}

/** What the thread below a message is about; null: no thread of the bot's begins there. */
export async function findThread(
  tx: Tx,
  ts: string,
): Promise<{ readonly surface: MessageWant['surface']; readonly subject: number } | null> {
  const { rows } = await tx.query<{ surface: MessageWant['surface']; subject: number }>(
    'select surface, subject::float8 as subject from messages where ts = $1 and parent is null limit 1',
    [ts],
  );
  return rows[0] ?? null;
}
