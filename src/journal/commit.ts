/** The one way anything is written: rows, timeline, audit and the keys of messages out of date, in one transaction. */
import { type AuditDraft, type AuditKey, appendAudit } from './audit-chain.ts';
import { Conflict, type Tx } from './open-journal.ts';

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
  /** Compare-and-set: exactly this many rows must be touched, else the use case starts again. */
  readonly must?: { readonly rows: number; readonly what: string };
}

export interface EventDraft {
  readonly incidentId: number;
  readonly actor: string;
  readonly text: string;
}

/** A message that should exist and may be out of date. */
export interface MessageWant {
  readonly surface: 'incident' | 'health' | 'lookup' | 'notice' | 'storm' | 'run' | 'absence' | 'maintenance';
  readonly subject: number;
  readonly slot: string;
  /** As configured: an id, or `#name`. */
  readonly channel: string;
  readonly parent: string | null;
  readonly urgent: boolean;
  /** Where whoever asked is answered when the channel takes no message of the bot. */
  readonly answerUrl?: string | null;
  /** The thread where somebody asked, of a message that has no parent of its own. */
  readonly threadTs?: string | null;
}

export interface Changes {
  readonly statements?: readonly Statement[];
  readonly events?: readonly EventDraft[];
  readonly audit?: readonly AuditDraft[];
  readonly messages?: readonly MessageWant[];
}

export async function run(tx: Tx, statement: Statement): Promise<void> {
  const result = await tx.query(statement.text, [...statement.values]);
  if (statement.must !== undefined && result.rowCount !== statement.must.rows)
    throw new Conflict(statement.must.what);
}

function insertEvents(events: readonly EventDraft[]): Statement {
  return {
    text: `insert into events (incident_id, actor, text)
      select e."incidentId", e.actor, e.text from jsonb_to_recordset($1) as e("incidentId" bigint, actor text, text text)`,
    values: [JSON.stringify(events)],
  };
}

/**
 * Inserted in the order given, which is their order in the thread. An incident that is only named in a storm has no
 * messages of its own: its line there is out of date instead. An incident's messages are in its own channel.
 */
function wantMessages(messages: readonly MessageWant[]): Statement {
  const unique = [...new Map(messages.map((m) => [`${m.surface}/${m.subject}/${m.slot}`, m])).values()];
  return {
    text: `with m as (select * from jsonb_to_recordset($1)
        as m(surface text, subject bigint, slot text, channel text, parent text, urgent boolean, "answerUrl" text, "threadTs" text, n bigint)),
      held as (update storm_entries set changed = true
        where incident_id in (select subject from m where surface = 'incident') and opened_at is null returning incident_id),
      noted as (update storm_entries set changed = true
        where incident_id in (select subject from m where surface = 'incident' and slot = 'root')
          and opened_at is not null and not changed)
      insert into messages (surface, subject, slot, channel, parent, urgent, answer_url, thread_ts, priority)
      select m.surface, m.subject, m.slot, coalesce(i.channel, m.channel), m.parent, m.urgent, m."answerUrl", m."threadTs",
        case when m.surface in ('health', 'lookup') then 3
          when i.id is null then 1 when i.critical then 0 when i.runbook_id is null then 2 else 1 end
      from m left join incidents i on m.surface = 'incident' and i.id = m.subject
      where not (m.surface = 'incident' and m.subject in (select incident_id from held)) order by n
      on conflict (surface, subject, slot) do update set
        wanted = messages.wanted + 1,
        stale_since = case when messages.wanted = messages.shown then now() else messages.stale_since end,
        urgent = messages.urgent or excluded.urgent
      returning channel`,
    values: [JSON.stringify(unique.map((message, n) => ({ ...message, n })))],
  };
}

/** Writes everything in `changes`, in this order; the caller owns the transaction. The channels with a message out of date. */
export async function commit(tx: Tx, auditKey: AuditKey, changes: Changes): Promise<readonly string[]> {
  for (const statement of changes.statements ?? []) await run(tx, statement);
  if (changes.events?.length) await run(tx, insertEvents(changes.events));
  let channels: readonly string[] = [];
  if (changes.messages?.length) {
    const { text, values } = wantMessages(changes.messages);
    const { rows } = await tx.query<{ channel: string }>(text, [...values]);
    channels = [...new Set(rows.map(({ channel }) => channel))];
  }
  if (changes.audit?.length) await appendAudit(tx, auditKey, changes.audit);
  return channels;
}
