/**
 * Alertmanager's webhook, version 4 (prometheus.io/docs/alerting/latest/configuration/#webhook_config), from its first
 * releases to today, and what others send in the same form: Grafana's contact point (version 1), Mimir, Amazon's
 * templates. What can be read is taken; what has to be repaired for that is said.
 */
import { fingerprintOf } from '../domain/alert-fingerprint.ts';
import type { AlertGroup, AlertIn, AlertMore } from '../domain/receive.ts';
import { readJson } from './alerts/read-json.ts';
import {
  createRepairs,
  type Note,
  readCount,
  readKey,
  readPairs,
  readText,
  readTime,
} from './alerts/repairs.ts';

/** Alertmanager's, and Grafana's. One that says nothing is taken as it comes. */
const VERSIONS: readonly unknown[] = ['4', '1', 4, 1];

export type ParsedBody =
  | {
      readonly group: AlertGroup;
      /** Alerts of which nothing could be read: for a dead letter, beside those that are taken. */
      readonly lost: string | null;
    }
  | { readonly problem: string };

type Json = Readonly<Record<string, unknown>>;
const isMap = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The problem names the place: a JSON position, or the path of the field. */
export function parseAlertmanagerBody(raw: string, now: () => Date = () => new Date()): ParsedBody {
  const repairs = createRepairs();
  const read = readJson(raw, repairs.note);
  if ('problem' in read) return read;
  return readBody(read.json, now(), repairs);
}

function readBody(body: unknown, now: Date, repairs: ReturnType<typeof createRepairs>): ParsedBody {
  if (!isMap(body)) return { problem: 'the body: expected a map with a list of alerts' };
  const { version, alerts: list } = body;
  if ((typeof version === 'string' || typeof version === 'number') && !VERSIONS.includes(version))
    return { problem: `version: "${String(version).slice(0, 20)}" is not known; expected "4"` };
  if (!Array.isArray(list) || list.length === 0)
    return { problem: 'alerts: expected a list with at least one alert' };
  const alerts: AlertIn[] = [];
  const lost: string[] = [];
  const fallback = { status: body.status, now };
  for (const [i, entry] of list.entries()) {
    const alert = readAlert(entry, `alerts[${i}]`, fallback);
    if ('problem' in alert) lost.push(alert.problem);
    else alerts.push(alert);
  }
  if (lost.length > 0) repairs.note(lost[0] ?? '', `(${lost.length} of ${list.length} alerts left out)`);
  if (alerts.length === 0) return { problem: lost[0] ?? 'alerts: nothing could be read' };
  const { note } = repairs;
  const groupLabels = readPairs(body.groupLabels, 'groupLabels', note);
  return {
    lost: lost[0] ?? null,
    group: {
      groupKey: readKey(body.groupKey, 'groupKey', note) ?? madeKey(body.receiver, groupLabels),
      commonLabels: readPairs(body.commonLabels, 'commonLabels', note),
      commonAnnotations: readPairs(body.commonAnnotations, 'commonAnnotations', note),
      externalUrl: readText(body.externalURL, 'externalURL', note) ?? '',
      truncated: readCount(body.truncatedAlerts, 'truncatedAlerts', note),
      alerts: withOwnFingerprints(alerts),
      repairs: repairs.list(),
    },
  };
}

/** As Alertmanager writes one, for senders that give none: the same labels are the same group. */
const madeKey = (receiver: unknown, labels: Readonly<Record<string, string>>): string =>
  `{}/${typeof receiver === 'string' ? receiver.slice(0, 100).toWellFormed().replaceAll('\u0000', '') : ''}:${JSON.stringify(labels)}`.slice(
    0,
    500,
  );

interface Fallback {
  /** The group's. */
  readonly status: unknown;
  readonly now: Date;
}

function readAlert(
  entry: unknown,
  place: string,
  { status, now }: Fallback,
): AlertIn | { readonly problem: string } {
  if (!isMap(entry)) return { problem: `${place}: expected a map with labels` };
  if (!isMap(entry.labels)) return { problem: `${place}.labels: expected a map of labels` };
  const repairs = createRepairs();
  const { note } = repairs;
  const labels = readPairs(entry.labels, `${place}.labels`, note);
  const endsAt = readEnd(entry.endsAt, `${place}.endsAt`, note);
  const isOver = isResolved(entry.status ?? status, endsAt, now, `${place}.status`, note);
  const more = readMore(entry);
  const alert: AlertIn = {
    fingerprint: readFingerprint(entry.fingerprint, `${place}.fingerprint`, note) ?? fingerprintOf(labels),
    status: isOver ? 'resolved' : 'firing',
    labels,
    annotations: readPairs(entry.annotations, `${place}.annotations`, note),
    startsAt: readTime(entry.startsAt, `${place}.startsAt`, note) ?? now.toISOString(),
    endsAt: isOver ? endsAt : null,
    generatorUrl: readText(entry.generatorURL, `${place}.generatorURL`, note) ?? '',
    ...(more === null ? {} : { more }),
  };
  const list = repairs.list();
  return list.length === 0 ? alert : { ...alert, repairs: list };
}

/** Go's zero time means "not ended". */
function readEnd(value: unknown, place: string, note: Note): string | null {
  return typeof value === 'string' && value.startsWith('0001-01-01') ? null : readTime(value, place, note);
}

function isResolved(status: unknown, endsAt: string | null, now: Date, place: string, note: Note): boolean {
  if (status === 'firing' || status === 'resolved') return status === 'resolved';
  const isOver = endsAt !== null && new Date(endsAt) <= now;
  note(place, `was neither firing nor resolved (taken as ${isOver ? 'resolved' : 'firing'})`);
  return isOver;
}

function readFingerprint(value: unknown, place: string, note: Note): string | null {
  return typeof value === 'string' && value.includes('\u0000') ? null : readKey(value, place, note);
}

/** What Grafana says beside Alertmanager's own (grafana.com, "Configure the webhook notifier"). */
function readMore(entry: Json): AlertMore | null {
  const link = (name: string): string => readText(entry[name], name, () => undefined) ?? '';
  const more: AlertMore = {
    value: sayValues(entry.values) ?? link('valueString'),
    panelUrl: link('panelURL'),
    dashboardUrl: link('dashboardURL'),
    silenceUrl: link('silenceURL'),
  };
  return Object.values(more).every((text) => text === '') ? null : more;
}

/** `A = 97.2, C = 1` */
function sayValues(values: unknown): string | null {
  if (!isMap(values)) return null;
  const said = Object.entries(values)
    .slice(0, 10)
    .map(([name, value]) => `${name} = ${String(value)}`);
  return said.length === 0 ? null : readText(said.join(', '), 'values', () => undefined);
}

/** Two alerts with one fingerprint and other labels are two alerts: the later ones get their own. */
function withOwnFingerprints(alerts: readonly AlertIn[]): readonly AlertIn[] {
  const first = new Map<string, AlertIn>();
  return alerts.map((alert) => {
    const known = first.get(alert.fingerprint);
    if (known === undefined) first.set(alert.fingerprint, alert);
    if (known === undefined) return alert;
    const own = fingerprintOf(alert.labels);
    return own === fingerprintOf(known.labels) ? alert : { ...alert, fingerprint: own };
  });
}
