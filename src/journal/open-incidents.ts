/** Intake in one round trip: groups that nothing is known of become incidents; the database says which those were. */
import type { AlertIn } from '../domain/receive.ts';
import { bucket, identityOf, LOCK_SPACE } from './alerts.ts';
import type { Statement } from './commit.ts';
import type { Tx } from './open-journal.ts';

export interface IncidentDraft {
  readonly system: string | null;
  readonly service: string | null;
  /** No alert named the system: a runbook matched without it. */
  readonly guessed: boolean;
  readonly alertname: string;
  readonly severity: string;
  /** It has a thread of its own, storm or not. */
  readonly critical: boolean;
  /** Where its thread opens. */
  readonly channel: string;
  readonly groupKey: string;
  /** Of the group; with its key it is the incident's identity. */
  readonly part: string;
  readonly summary: string;
  readonly externalUrl: string;
  readonly runbookId: string | null;
  /** Of a definition that is in the journal already. */
  readonly runbookHash: string | null;
  readonly otherRunbooks: readonly string[];
  readonly truncated: number;
  readonly repairs: readonly string[];
  /** The body that it came in. */
  readonly arrivedWith: string;
  readonly alerts: readonly AlertIn[];
  readonly event: string;
}

/** Past these numbers of new threads that wait in a channel, further ones share a storm's. */
export interface StormThresholds {
  readonly all: number;
  /** Of those without a runbook. */
  readonly unknown: number;
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

/** Past a threshold those that are not critical are named in a storm's thread instead of having their own. */
export async function openIncidents(
  tx: Tx,
  drafts: readonly IncidentDraft[],
  thresholds: StormThresholds,
): Promise<readonly OpenedIncident[]> {
  const { rows } = await tx.query<OpenedIncident>(`select ${OPENED} from open_alerts($1, $2, $3)`, [
    numbered(drafts),
    thresholds.all,
    thresholds.unknown,
  ]);
  return rows;
}

/** The locks under which a group is taken in: two groups that share one wait for each other. */
export const bucketsOf = (draft: Pick<IncidentDraft, 'groupKey' | 'part' | 'alerts'>): readonly number[] =>
  [identityOf(draft), ...draft.alerts.map((alert) => alert.fingerprint)].map(bucket);

/**
 * Drafts that share no bucket. Those missing in the answer may belong to an incident that is there: nothing was
 * written for them.
 */
export async function takeNewAlerts(
  tx: Tx,
  drafts: readonly (IncidentDraft & {
    /** The process that posts it, when it is this one. */
    readonly poster: string | null;
  })[],
  settings: { readonly thresholds: StormThresholds; readonly reopenWithinMs: number },
): Promise<readonly OpenedIncident[]> {
  const buckets = [...new Set(drafts.flatMap(bucketsOf))].sort((a, b) => a - b);
  const { rows } = await tx.query<OpenedIncident>(
    `select ${OPENED} from take_new_alerts($1, $2, $3, $4, $5, $6)`,
    [
      numbered(drafts),
      buckets,
      LOCK_SPACE,
      settings.thresholds.all,
      settings.thresholds.unknown,
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
    | 'system'
    | 'service'
    | 'alertname'
    | 'severity'
    | 'groupKey'
    | 'summary'
    | 'channel'
    | 'runbookId'
    | 'runbookHash'
  > & { readonly openedBy: string },
): Promise<number> {
  const { rows } = await tx.query<{ id: number }>(
    `insert into incidents (system, service, alertname, severity, state, group_key, summary, runbook_id, runbook_hash, channel, opened_by)
     values ($1, $2, $3, $4, 'firing', $5, $6, $7, $8, $9, $10) returning id::float8 as id`,
    [
      draft.system,
      draft.service,
      draft.alertname,
      draft.severity,
      draft.groupKey,
      draft.summary,
      draft.runbookId,
      draft.runbookHash,
      draft.channel,
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
