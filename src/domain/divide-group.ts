/**
 * What Alertmanager groups is what it sends at once, not what belongs together: one group may hold the alerts of every
 * system. Here a group becomes the parts that are incidents of their own. Groups are split, never merged.
 */
import { createHash } from 'node:crypto';
import { labelsWith, rankOf, routeOf, type Target, targetOf } from './alert-rules.ts';
import type { Labels } from './matchers.ts';
import type { AlertGroup, AlertIn } from './receive.ts';
import type { AlertRules } from './runbook.ts';

/** The alert that always fires says that the way from Prometheus to here is whole; it is no incident. */
export const WATCHDOG = 'Watchdog';

export interface AlertPart extends AlertGroup {
  /** Which part of its group: the values of the labels that divide it. */
  readonly part: string;
  readonly target: Target;
  /** The alert that is the worst of those that fire (or, when none does, of all), with what it is about. */
  readonly worst: AlertIn;
  readonly labels: Labels;
  /** Where its thread opens; null: where its system's do. */
  readonly channel: string | null;
}

export interface DividedGroup {
  /** The critical ones first. */
  readonly parts: readonly AlertPart[];
  /** Alerts that a route keeps out. */
  readonly ignored: readonly AlertIn[];
  /** Whether the Watchdog was there, and fires. */
  readonly isWatched: boolean;
}

interface Placed {
  readonly alert: AlertIn;
  readonly target: Target;
  readonly labels: Labels;
}

/** Pure. */
export function divideGroup(rules: AlertRules, group: AlertGroup): DividedGroup {
  const isWatchdog = ({ labels }: AlertIn): boolean => labels.alertname === WATCHDOG;
  const placed = group.alerts
    .filter((alert) => !isWatchdog(alert))
    .map((alert): Placed => {
      const target = targetOf(rules, alert.labels);
      return { alert, target, labels: labelsWith(alert.labels, target) };
    });
  const isIgnored = ({ labels }: Placed): boolean => routeOf(rules, labels)?.channel === null;
  const kept = Map.groupBy(placed, isIgnored);
  const parts = Map.groupBy(kept.get(false) ?? [], ({ labels }) =>
    JSON.stringify(rules.by.map((name) => labels[name] ?? '')),
  );
  return {
    parts: [...parts]
      .map(([key, alerts]) => makePart(rules, group, key, alerts))
      .sort((a, b) => rankOf(rules, a.labels.severity) - rankOf(rules, b.labels.severity)),
    ignored: (kept.get(true) ?? []).map(({ alert }) => alert),
    isWatched: group.alerts.some((alert) => isWatchdog(alert) && alert.status === 'firing'),
  };
}

function makePart(rules: AlertRules, group: AlertGroup, key: string, placed: readonly Placed[]): AlertPart {
  const firing = placed.filter(({ alert }) => alert.status === 'firing');
  const worst = worstOf(rules, firing.length === 0 ? placed : firing);
  return {
    ...group,
    part: shortKey(key),
    alerts: placed.map(({ alert }) => alert),
    repairs: [...(group.repairs ?? []), ...placed.flatMap(({ alert }) => alert.repairs ?? [])],
    target: worst.target,
    worst: worst.alert,
    labels: worst.labels,
    channel: routeOf(rules, worst.labels)?.channel ?? null,
  };
}

/** `placed` has at least one. */
function worstOf(rules: AlertRules, placed: readonly Placed[]): Placed {
  return placed.reduce((worst, one) =>
    rankOf(rules, one.labels.severity) < rankOf(rules, worst.labels.severity) ? one : worst,
  );
}

const LONGEST_KEY = 500;

const shortKey = (key: string): string =>
  Buffer.byteLength(key) <= LONGEST_KEY ? key : `sha256:${createHash('sha256').update(key).digest('hex')}`;
