/** Which incident an alert group belongs to, and what it does there: pure rules over what the journal knows. */
import type { IncidentState } from './lives.ts';

export interface AlertIn {
  readonly fingerprint: string;
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  /** Null while firing. */
  readonly endsAt: string | null;
  readonly generatorUrl: string;
  readonly more?: AlertMore;
  /** What could not be kept as it came, and what was made of it. */
  readonly repairs?: readonly string[];
}

/** What some senders say beside Alertmanager's own fields; empty where they don't. */
export interface AlertMore {
  /** What was measured. */
  readonly value: string;
  readonly panelUrl: string;
  readonly dashboardUrl: string;
  readonly silenceUrl: string;
}

/** What Alertmanager sends at once: alerts of one group. */
export interface AlertGroup {
  readonly groupKey: string;
  readonly alerts: readonly AlertIn[];
  readonly commonLabels: Readonly<Record<string, string>>;
  readonly commonAnnotations: Readonly<Record<string, string>>;
  readonly externalUrl: string;
  /** How many alerts Alertmanager left out. */
  readonly truncated: number;
  /** Of the group itself, as those of its alerts. */
  readonly repairs?: readonly string[];
}

/** The newest row of a fingerprint, with its incident's state. */
export interface KnownAlert {
  readonly fingerprint: string;
  readonly incidentId: number;
  readonly status: 'firing' | 'resolved';
  readonly startsAt: Date;
  readonly incidentState: IncidentState;
  /** Whether its incident was resolved within the time in which it is reopened. */
  readonly reopenable: boolean;
}

export interface Known {
  readonly alerts: readonly KnownAlert[];
  /** Open incident of the same group key. */
  readonly groupIncident: number | null;
  /** Ends that came before their beginnings. */
  readonly earlyEnds: readonly {
    readonly fingerprint: string;
    readonly startsAt: Date;
    readonly endsAt: Date;
  }[];
}

export type Destination =
  | { readonly kind: 'incident'; readonly id: number }
  | { readonly kind: 'reopen'; readonly id: number }
  | { readonly kind: 'new' };

export interface FiringAlert {
  readonly alert: AlertIn;
  readonly to: Destination;
  /** It did not fire there until now. */
  readonly isNew: boolean;
  /** It was never there. */
  readonly isUnseen: boolean;
}

export interface Reception {
  /** Alerts to write as firing (or, when an early end is known, as already over), and where. */
  readonly firing: readonly FiringAlert[];
  readonly ended: readonly { readonly alert: AlertIn; readonly incidentId: number }[];
  /** Ends nobody has heard the beginning of. */
  readonly early: readonly AlertIn[];
}

/**
 * An alert that fires in an open incident stays there whatever its group key. The others of the group go, all
 * together, to the group's open incident, else to the one that a sibling is in, else to one resolved a moment ago
 * (it is reopened), else to a new one.
 */
export function receive(alerts: readonly AlertIn[], known: Known): Reception {
  const byFingerprint = new Map(known.alerts.map((row) => [row.fingerprint, row]));
  const unique = [...new Map(alerts.map((alert) => [alert.fingerprint, alert])).values()];
  const isFiringNow = (row: KnownAlert | undefined) =>
    row?.status === 'firing' && row.incidentState !== 'resolved';

  const firing = unique.filter((alert) => alert.status === 'firing');
  const joined = firing.filter((alert) => isFiringNow(byFingerprint.get(alert.fingerprint)));
  const fresh = firing.filter((alert) => !isFiringNow(byFingerprint.get(alert.fingerprint)));
  const destination = fresh.length === 0 ? null : chooseDestination(unique, fresh, byFingerprint, known);

  const resolved = unique.filter((alert) => alert.status === 'resolved');
  return {
    firing: [
      ...joined.flatMap((alert) => {
        const row = byFingerprint.get(alert.fingerprint);
        return row === undefined
          ? []
          : [{ alert, to: { kind: 'incident' as const, id: row.incidentId }, isNew: false, isUnseen: false }];
      }),
      ...fresh.flatMap((alert) => {
        if (destination === null) return [];
        const row = byFingerprint.get(alert.fingerprint);
        const isUnseen = destination.kind === 'new' || row?.incidentId !== destination.id;
        return [{ alert, to: destination, isNew: true, isUnseen }];
      }),
    ],
    ended: resolved.flatMap((alert) => {
      const row = byFingerprint.get(alert.fingerprint);
      return row?.status === 'firing' && !isOfLifeBefore(alert, row)
        ? [{ alert, incidentId: row.incidentId }]
        : [];
    }),
    early: resolved.filter((alert) => isUnheardOf(alert, byFingerprint.get(alert.fingerprint))),
  };
}

/** An end that comes late: the alert has begun to fire anew since. */
const isOfLifeBefore = (end: AlertIn, row: KnownAlert): boolean =>
  end.endsAt !== null && new Date(end.endsAt) < row.startsAt;

/** The end of a life whose beginning has not come yet: the alert's first, or one after that which is known. */
const isUnheardOf = (end: AlertIn, row: KnownAlert | undefined): boolean =>
  row === undefined || (row.status === 'resolved' && new Date(end.startsAt) > row.startsAt);

function chooseDestination(
  all: readonly AlertIn[],
  fresh: readonly AlertIn[],
  byFingerprint: ReadonlyMap<string, KnownAlert>,
  known: Known,
): Destination {
  if (known.groupIncident !== null) return { kind: 'incident', id: known.groupIncident };
  const siblings = all
    .map((alert) => byFingerprint.get(alert.fingerprint))
    .filter((row) => row !== undefined)
    .filter((row) => row.incidentState !== 'resolved');
  if (siblings.length > 0)
    return { kind: 'incident', id: Math.min(...siblings.map((row) => row.incidentId)) };
  const before = fresh
    .map((alert) => byFingerprint.get(alert.fingerprint))
    .filter((row) => row !== undefined)
    .filter((row) => row.reopenable);
  if (before.length > 0) return { kind: 'reopen', id: Math.max(...before.map((row) => row.incidentId)) };
  return { kind: 'new' };
}
