/**
 * The audit log: an append-only chain, each row keyed (HMAC-SHA-256) over its content and the row before it.
 * The key is kept outside the database, so whoever can write there still can't compute the chain anew.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type pg from 'pg';
import { canonicalJson } from '../domain/canonical-json.ts';
import type { Tx } from './open-journal.ts';

export type AuditKey = string;

export interface AuditDraft {
  /** `request.asked`, `request.decided`, `execution.claimed` … */
  readonly kind: string;
  readonly actor: string;
  /** `INC-3`, `STEP-12` */
  readonly subject: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

interface AuditRow extends AuditDraft {
  readonly seq: number;
  readonly at: string;
  readonly previous: string;
  readonly hash: string;
}

/** What the bot writes when it finds what it can't have written. */
export const TAMPERED = 'journal.tampered';

export const EMPTY_HEAD = '0'.repeat(64);

/** As PostgreSQL gives it back. */
export interface StoredRow extends AuditDraft {
  readonly seq: string;
  readonly at: Date;
  readonly previous: string;
  readonly hash: string;
}

export const STORED = 'seq, at, kind, actor, subject, payload, previous, hash';

const storedHash = (key: AuditKey, row: StoredRow, previous: string): string =>
  hashOf(key, { ...row, seq: Number(row.seq), at: row.at.toISOString(), previous });

export function hashOf(key: AuditKey, row: Omit<AuditRow, 'hash'>): string {
  const { seq, at, kind, actor, subject, payload, previous } = row;
  return createHmac('sha256', key)
    .update(canonicalJson({ seq, at, kind, actor, subject, payload, previous }))
    .digest('hex');
}

/** As the start and a terminal say it. */
export const WRONG_KEY =
  'AUDIT_KEY: not the key that this journal’s audit log was written with; expected the same one, e.g. from the backup of your secrets';

/**
 * Appends in order. Takes the head's row lock, so decisions and executions are chained one after another.
 * `next`: the key of what follows an entry that says so.
 * @throws when the last entry doesn't fit the key: with another one the chain would be broken from here on.
 */
export async function appendAudit(
  tx: Tx,
  key: AuditKey,
  drafts: readonly AuditDraft[],
  next: AuditKey = key,
): Promise<void> {
  const head = await tx.query<{ seq: string; hash: string; now: Date }>(
    'select seq, hash, clock_timestamp() as now from audit_head for update',
  );
  const first = head.rows[0];
  if (first === undefined)
    throw new Error('the audit log has lost its head row: run pageturner audit verify');
  let seq = Number(first.seq);
  let previous = first.hash;
  const last = seq === 0 ? null : await entryAt(tx, key, seq);
  if (seq !== 0 && last !== previous)
    throw new Error(
      `the audit log’s last entry, ${seq}, does not fit: it was tampered with, or ${WRONG_KEY}`,
    );
  let inForce = key;
  for (const draft of drafts) {
    seq += 1;
    // Through JSON, so that what is hashed is what PostgreSQL will give back.
    const payload: Record<string, unknown> = JSON.parse(JSON.stringify(draft.payload));
    const row = { ...draft, payload, seq, at: first.now.toISOString(), previous };
    const hash = hashOf(inForce, row);
    if (draft.kind === ROTATED) inForce = next;
    await tx.query(
      `insert into audit_entries (seq, at, kind, actor, subject, payload, previous, hash)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [seq, row.at, row.kind, row.actor, row.subject, JSON.stringify(payload), previous, hash],
    );
    previous = hash;
  }
  await tx.query('update audit_head set seq = $1, hash = $2', [seq, previous]);
}

/** The hash of an entry that fits the key; null: there is none, or it doesn't. */
async function entryAt(tx: Tx, key: AuditKey, seq: number): Promise<string | null> {
  const { rows } = await tx.query<StoredRow>(`select ${STORED} from audit_entries where seq = $1`, [seq]);
  const [row] = rows;
  return row !== undefined && same(storedHash(key, row, row.previous), row.hash) ? row.hash : null;
}

export function same(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}

/** Whose keys verify: the one in force first, then those before it. */
export type AuditKeys = readonly [AuditKey, ...AuditKey[]];

export const keysOf = (keys: AuditKey | AuditKeys): AuditKeys => (typeof keys === 'string' ? [keys] : keys);

/** What an entry says of a key without giving it away. */
export const keyId = (key: AuditKey): string =>
  createHmac('sha256', key).update('pageturner audit key').digest('hex').slice(0, 16);

/** The entry, written with the key before, that another one is in force from the next entry on. */
export const ROTATED = 'audit.rotated';
/** The first entry of a new key. */
export const BEGUN = 'audit.begun';

/** The head of the log at some time, as it was written down elsewhere. */
export interface AuditHead {
  readonly seq: number;
  readonly hash: string;
}

/** A new key from the next entry on: said with the old one, which proves that its holder wanted it. */
export async function rotateAudit(
  client: pg.ClientBase,
  old: AuditKey,
  next: AuditKey,
  actor: string,
): Promise<void> {
  const subject = 'audit';
  const drafts = [
    { kind: ROTATED, actor, subject, payload: { key: keyId(next) } },
    { kind: BEGUN, actor, subject, payload: { before: keyId(old) } },
  ];
  await client.query('begin');
  await appendAudit(client, old, drafts, next);
  await client.query('commit');
}

export async function auditHead(tx: Tx): Promise<AuditHead> {
  const { rows } = await tx.query<{ seq: string; hash: string }>('select seq, hash from audit_head');
  return { seq: Number(rows[0]?.seq ?? 0), hash: rows[0]?.hash ?? EMPTY_HEAD };
}

/** Whether the newest row was written with this key; an empty log fits any. */
export async function fitsKey(tx: Tx, key: AuditKey): Promise<boolean> {
  const { rows } = await tx.query<StoredRow>(`select ${STORED} from audit_entries order by seq desc limit 1`);
  const row = rows[0];
  if (row === undefined) return true;
  return same(storedHash(key, row, row.previous), row.hash);
}

export interface ProvenEntry extends AuditDraft {
  readonly seq: number;
  readonly at: Date;
}

/**
 * Entries about one subject that only somebody with the key can have written, where they stand: each fits its own hash
 * and those beside it. The first that doesn't is `forged`. @returns in their order.
 */
export async function provenEntries(
  tx: Tx,
  keys: AuditKey | AuditKeys,
  subject: string,
  kinds: readonly string[],
): Promise<{ readonly entries: readonly ProvenEntry[]; readonly forged: number | null }> {
  const { rows } = await tx.query<StoredRow & { before: string | null; after: string | null }>(
    `select e.seq, e.at, e.kind, e.actor, e.subject, e.payload, e.previous, e.hash, b.hash as before, a.previous as after
     from audit_entries e left join audit_entries b on b.seq = e.seq - 1 left join audit_entries a on a.seq = e.seq + 1
     where e.subject = $1 and e.kind = any($2) order by e.seq`,
    [subject, kinds],
  );
  const entries: ProvenEntry[] = [];
  for (const row of rows) {
    const seq = Number(row.seq);
    const stands = (row.before ?? (seq === 1 ? EMPTY_HEAD : null)) === row.previous;
    const isFollowed = row.after === null || row.after === row.hash;
    if (
      !stands ||
      !isFollowed ||
      !keysOf(keys).some((key) => same(storedHash(key, row, row.previous), row.hash))
    )
      return { entries, forged: seq };
    entries.push({ seq, at: row.at, kind: row.kind, actor: row.actor, subject, payload: row.payload });
  }
  return { entries, forged: null };
}

/** How long after it was found out that is still said. */
const TOLD_DAYS = 7;

/** Why the journal is believed to have been tampered with, by what the bot has found lately; null: it isn't. */
export async function whyTampered(tx: Tx, key: AuditKey): Promise<string | null> {
  if (!(await fitsKey(tx, key))) return 'the newest entry of the audit log was not written by the bot';
  const { rows } = await tx.query<{ subject: string; why: string; at: Date }>(
    `select subject, payload ->> 'why' as why, at from audit_entries
     where kind = '${TAMPERED}' and at > now() - make_interval(days => $1) order by seq desc limit 1`,
    [TOLD_DAYS],
  );
  const [found] = rows;
  return found === undefined ? null : `${found.subject}, ${found.at.toISOString()}: ${found.why}`;
}

/** The newest first; about one subject, or all. */
export async function lastAudit(
  tx: Tx,
  subject: string | null,
  limit: number,
): Promise<readonly { seq: number; at: Date; kind: string; actor: string; subject: string }[]> {
  const { rows } = await tx.query<{ seq: number; at: Date; kind: string; actor: string; subject: string }>(
    `select seq::float8 as seq, at, kind, actor, subject from audit_entries
     where $1::text is null or subject = $1 or payload ->> 'incident' = $1 or subject = any (array(
       select 'RUN-' || id from runs where 'INC-' || incident_id = $1
       union all select 'STEP-' || s.id from steps s join runs r on r.id = s.run_id where 'INC-' || r.incident_id = $1))
     order by seq desc limit $2`,
    [subject, limit],
  );
  return rows;
}
