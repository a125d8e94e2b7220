/** Intake in one round trip: groups that nothing is known of become incidents; the database says which those were. */
import type { AlertIn } from '../domain/receive.ts';
import type { Statement } from './commit.ts';
import { bucket, LOCK_SPACE } from './incidents.ts';
import type { Tx } from './open-journal.ts';

export interface IncidentDraft {
  readonly system: string | null;
  readonly service: string | null;
  readonly alertname: string;
  readonly severity: string;
  /** It has a thread of its own, storm or not. */
  readonly critical: boolean;
  readonly groupKey: string;
  readonly summary: string;
  readonly externalUrl: string;
  readonly runbookId: string | null;
  /** Of a definition that is in the journal already. */
  readonly runbookHash: string | null;
  readonly otherRunbooks: readonly string[];
  readonly truncated: number;
  readonly alerts: readonly AlertIn[];
  readonly event: string;
}

export interface OpenedIncident {
  /** Its place among the drafts. */
  readonly n: number;
  readonly id: number;
  /** The storm whose thread names it; null: it has its own. */
  readonly stormId: number | null;
}

const OPENED = 'n, incident::float8 as id, storm::float8 as "stormId"';

const numbered = (drafts: readonly IncidentDraft[]): string =>
  JSON.stringify(drafts.map((draft, n) => ({ ...draft, n })));

/** Past `threshold` new threads waiting in the channel, those that are not critical are named in a storm's instead. */
export async function openIncidents(
  tx: Tx,
  drafts: readonly IncidentDraft[],
  channel: string,
  threshold: number,
): Promise<readonly OpenedIncident[]> {
  const { rows } = await tx.query<OpenedIncident>(`select ${OPENED} from open_incidents($1, $2, $3, null)`, [
    numbered(drafts),
    channel,
    threshold,
  ]);
  return rows;
}

/** The locks under which a group is taken in: two groups that share one wait for each other. */
export const bucketsOf = (draft: Pick<IncidentDraft, 'groupKey' | 'alerts'>): readonly number[] =>
  [draft.groupKey, ...draft.alerts.map((alert) => alert.fingerprint)].map(bucket);

/**
 * Drafts that share no bucket. Those missing in the answer may belong to an incident that is there: nothing was
 * written for them.
 */
export async function takeNewGroups(
  tx: Tx,
  drafts: readonly IncidentDraft[],
  settings: {
    readonly channel: string;
    readonly threshold: number;
    readonly reopenWithinMs: number /** The process that posts them, when it is this one. */;
    readonly poster: string | null;
  },
): Promise<readonly OpenedIncident[]> {
  const buckets = [...new Set(drafts.flatMap(bucketsOf))].sort((a, b) => a - b);
  const { rows } = await tx.query<OpenedIncident>(
    `select ${OPENED} from take_new_groups($1, $2, $3, $4, $5, $6, $7)`,
    [
      numbered(drafts),
      buckets,
      LOCK_SPACE,
      settings.channel,
      settings.threshold,
      settings.poster,
      settings.reopenWithinMs / 1000,
    ],
  );
  return rows;
}

/** One that a person opens: its messages and its diagnosis are the caller's. */
export async function insertByHand(
  tx: Tx,
  draft: Pick<
    IncidentDraft,
    'system' | 'service' | 'alertname' | 'severity' | 'groupKey' | 'summary' | 'runbookId' | 'runbookHash'
  > & { readonly openedBy: string },
): Promise<number> {
  const { rows } = await tx.query<{ id: number }>(
    `insert into incidents (system, service, alertname, severity, state, group_key, summary, runbook_id, runbook_hash, opened_by)
     values ($1, $2, $3, $4, 'firing', $5, $6, $7, $8, $9) returning id::float8 as id`,
    [
      draft.system,
      draft.service,
      draft.alertname,
      draft.severity,
      draft.groupKey,
      draft.summary,
      draft.runbookId,
      draft.runbookHash,
      draft.openedBy,
    ],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the journal opened no incident');
  return row.id;
}

/** A second person says that an incident opened by hand is one. */
export function confirmIncident(id: number, person: string): Statement {
  return {
    text: `update incidents set confirmed_by = $2, confirmed_at = now()
      where id = $1 and confirmed_by is null and opened_by <> $2 and state <> 'resolved'`,
    values: [id, person],
    must: { rows: 1, what: `INC-${id}` },
  };
}
