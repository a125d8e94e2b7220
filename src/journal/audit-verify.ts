/** The whole audit log read again and computed anew, from the journal or from an export. */
import {
  type AuditDraft,
  type AuditHead,
  type AuditKey,
  type AuditKeys,
  auditHead,
  EMPTY_HEAD,
  hashOf,
  keyId,
  keysOf,
  ROTATED,
  STORED,
  type StoredRow,
  same,
} from './audit-chain.ts';
import type { Tx } from './open-journal.ts';

const BATCH = 5000;

export type AuditVerdict =
  | { readonly good: true; readonly entries: number; readonly head: string }
  | { readonly good: false; readonly badSeq: number; readonly why: string };

/** An entry as `audit export` writes it: its hash is the proof, with the key and the entry before it. */
export interface AuditEntry extends AuditDraft {
  readonly seq: number;
  readonly at: string;
  readonly previous: string;
  readonly hash: string;
}

/** Everything, in order. Reads in batches: memory does not grow with the log. */
export async function* readAudit(tx: Tx): AsyncGenerator<AuditEntry> {
  let after = 0;
  for (;;) {
    const { rows } = await tx.query<StoredRow & { stray: boolean }>(
      `select ${STORED}, extract(microseconds from at)::bigint % 1000 <> 0 or seq < 1 as stray
       from audit_entries where seq > $1 or (seq < 1 and $1 = 0) order by seq limit $2`,
      [after, BATCH],
    );
    for (const { stray, ...row } of rows) {
      after = Number(row.seq);
      // What no clock of the bot's has written can't be what was hashed.
      const at = stray ? `not the bot's: ${row.at.toISOString()}` : row.at.toISOString();
      yield { ...row, seq: after, at };
    }
    if (rows.length < BATCH) return;
  }
}

/** Computes the chain again, from its beginning; `heads` find a tail that was cut, and what was written anew. */
export async function verifyEntries(
  entries: AsyncIterable<AuditEntry>,
  keys: AuditKeys,
  heads: readonly AuditHead[] = [],
): Promise<AuditVerdict> {
  const bad = (badSeq: number, why: string): AuditVerdict => ({ good: false, badSeq, why });
  const expected = new Map(heads.map(({ seq, hash }) => [seq, hash]));
  let [previous, count] = [EMPTY_HEAD, 0];
  let inForce: AuditKey | null = null;
  for await (const entry of entries) {
    const { seq, hash } = entry;
    if (seq > count + 1) return bad(count + 1, `row ${count + 1} is missing`);
    const { hash: _, ...row } = entry;
    const fits = (key: AuditKey): boolean => same(hashOf(key, row), hash);
    inForce ??= keys.find(fits) ?? null;
    if (seq !== count + 1 || row.previous !== previous || inForce === null || !fits(inForce))
      return bad(seq, `row ${seq} is not what was written, or the key differs`);
    const head = expected.get(seq);
    if (head !== undefined && !same(head, hash))
      return bad(seq, `row ${seq} is another one than the head that was written down says`);
    if (entry.kind === ROTATED) {
      inForce = keys.find((key) => keyId(key) === entry.payload.key) ?? null;
      if (inForce === null)
        return bad(
          seq + 1,
          `row ${seq} begins a key that is not here: expected in AUDIT_KEY or AUDIT_KEY_PREVIOUS`,
        );
    }
    [previous, count] = [hash, seq];
  }
  const cut = heads.find(({ seq }) => seq > count);
  if (cut !== undefined)
    return bad(count + 1, `row ${cut.seq} was written down as the head, and is not there: the tail was cut`);
  return { good: true, entries: count, head: previous };
}

/** `expectedHead`, taken from Slack or another book, and `heads` find a tail that was cut. */
export async function verifyAudit(
  tx: Tx,
  key: AuditKey | AuditKeys,
  expectedHead: string | null,
  heads: readonly AuditHead[] = [],
): Promise<AuditVerdict> {
  let seenExpected = expectedHead === null || expectedHead === EMPTY_HEAD;
  const watched = async function* (): AsyncGenerator<AuditEntry> {
    for await (const entry of readAudit(tx)) {
      if (expectedHead !== null && same(entry.hash, expectedHead)) seenExpected = true;
      yield entry;
    }
  };
  const verdict = await verifyEntries(watched(), keysOf(key), heads);
  if (!verdict.good) return verdict;
  const head = await auditHead(tx);
  const badSeq = verdict.entries + 1;
  if (head.seq !== verdict.entries || head.hash !== verdict.head)
    return { good: false, badSeq, why: `the log's head says ${head.seq}: its tail was cut` };
  if (!seenExpected)
    return { good: false, badSeq, why: 'the expected head is not in the log: its tail was cut' };
  return verdict;
}

/** Whether an action was executed, or began to be, after this entry. */
export async function hasActedSince(tx: Tx, seq: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    `select from audit_entries where seq > $1 and kind like 'execution.%' limit 1`,
    [seq],
  );
  return rowCount === 1;
}

/** The first of these heads that the log doesn't have; null: it has them all. */
export async function missingHead(tx: Tx, heads: readonly AuditHead[]): Promise<AuditHead | null> {
  const { rows } = await tx.query<AuditHead>(
    'select seq::float8 as seq, hash from audit_entries where seq = any ($1)',
    [heads.map(({ seq }) => seq)],
  );
  const found = new Map(rows.map(({ seq, hash }) => [seq, hash]));
  return heads.find(({ seq, hash }) => seq > 0 && found.get(seq) !== hash) ?? null;
}
