/** What alerts say of themselves: their text, what was measured where, their links, and every label. */
import type { KnownBlock } from '@slack/web-api';
import { incidentId } from '../../domain/ids.ts';
import { escapeMrkdwn, oneLine, plain } from '../../domain/text.ts';
import type { IncidentStory } from '../../engine/reading/read-incident-story.ts';
import type { AlertRow } from '../../journal/alerts.ts';
import { context, section, sections } from '../blocks.ts';

const LISTED = 5;
const LISTED_IN_DETAILS = 50;
const RELATED_SHOWN = 5;
const TEXT_SHOWN = 1200;
const LONGEST_URL = 2000;
const LINKS_SHOWN = 12;
/** Annotations that are text for people; the first that is there is in the root message. */
const TEXTS = ['summary', 'message', 'description'];

/** What the root message doesn't say already. */
export function alertTexts({ incident, alerts }: IncidentStory): readonly KnownBlock[] {
  const { annotations = {} } = alerts[0] ?? {};
  const said = TEXTS.map((name) => plain(annotations[name] ?? '').trim()).filter(
    (text) => text !== '' && text !== plain(incident.summary).trim(),
  );
  return [...new Set(said)].map((text) => section(escapeMrkdwn(text.slice(0, TEXT_SHOWN).toWellFormed())));
}

/** Each alert by what makes it another than the rest, with what was measured. */
export function alertList(story: IncidentStory, shown = LISTED): readonly string[] {
  const { alerts, alertCount } = story;
  if (alerts.length === 0) return [];
  if (alertCount === 1) {
    const [one] = alerts;
    const value = one === undefined ? '' : measured(one);
    const instance = one?.labels.instance ?? '';
    const parts = [
      instance === '' ? '' : `on ${escapeMrkdwn(oneLine(instance, 120))}`,
      value === '' ? '' : `value ${escapeMrkdwn(value)}`,
    ].filter((part) => part !== '');
    return parts.length === 0 ? [] : [`Alert ${parts.join(' · ')}`];
  }
  const names = differing(alerts);
  const lines = alerts.slice(0, shown).map((alert) => sayAlert(alert, names));
  const more = alertCount - lines.length;
  return [
    `*${alertCount} alerts*, ${story.firingCount} active:`,
    ...lines,
    ...(more > 0 ? [`… and ${more} more`] : []),
  ];
}

function sayAlert(alert: AlertRow, names: readonly string[]): string {
  const labels = names.flatMap((name) => {
    const value = alert.labels[name] ?? '';
    return value === '' ? [] : [`${escapeMrkdwn(oneLine(name, 60))}=${escapeMrkdwn(oneLine(value, 80))}`];
  });
  const value = measured(alert);
  const mark = alert.status === 'firing' ? '🔴' : '🟢';
  return `${mark} ${labels.join(', ') || alert.fingerprint}${value === '' ? '' : ` · value ${escapeMrkdwn(value)}`}`;
}

const measured = (alert: AlertRow): string =>
  oneLine(alert.more?.value || alert.annotations.value || alert.annotations.current_value || '', 120);

/** Names of the labels in which they differ. */
function differing(alerts: readonly AlertRow[]): readonly string[] {
  const names = new Set(alerts.flatMap(({ labels }) => Object.keys(labels)));
  return [...names].filter((name) => new Set(alerts.map(({ labels }) => labels[name])).size > 1);
}

export interface LinkTo {
  readonly title: string;
  readonly url: string;
}

/** Those that the alerts bring along. `grafana`: its address, for dashboards that are named by their id alone. */
export function alertLinks({ incident, alerts }: IncidentStory, grafana: string | null): readonly LinkTo[] {
  const [alert] = alerts;
  if (alert === undefined) return [];
  const { annotations, more } = alert;
  const uid = annotations.__dashboardUid__ ?? '';
  const panel = annotations.__panelId__ ?? '';
  const base = (grafana ?? incident.externalUrl).replace(/\/+$/u, '');
  const byId = uid === '' ? '' : `${base}/d/${encodeURIComponent(uid)}`;
  const named: readonly (readonly [string, string])[] = [
    ['The rule’s runbook', annotations.runbook_url ?? ''],
    ['Dashboard', more?.dashboardUrl || byId],
    [
      'Panel',
      more?.panelUrl || (byId === '' || panel === '' ? '' : `${byId}?viewPanel=${encodeURIComponent(panel)}`),
    ],
    ['Silence it in Grafana', more?.silenceUrl ?? ''],
    ['The alert’s own graph', alert.generatorUrl],
    ...Object.entries(annotations).map(([name, value]): [string, string] => [
      name.replaceAll('_', ' '),
      value,
    ]),
  ];
  const seen = new Set<string>();
  return named
    .flatMap(([title, text]) => {
      const url = webAddress(text.trim());
      if (url === null || seen.has(url)) return [];
      seen.add(url);
      return [{ title: oneLine(title, 60), url }];
    })
    .slice(0, LINKS_SHOWN);
}

/** A link that Slack takes, without a password; null: the text is none. */
export function webAddress(text: string): string | null {
  if (
    !/^https?:\/\/\S/iu.test(text) ||
    text.length > LONGEST_URL ||
    /[\n\r]/u.test(text) ||
    !URL.canParse(text)
  )
    return null;
  const url = new URL(text);
  const isPlain = /^[^\s|<>]+$/u.test(text) && url.username === '' && url.password === '';
  if (isPlain) return text;
  url.username = '';
  url.password = '';
  return url.href.replaceAll('|', '%7C').replaceAll('<', '%3C').replaceAll('>', '%3E').replaceAll(' ', '%20');
}

/** For whoever wants all of it: every alert, and each label and annotation of the first. */
export function alertDetails(story: IncidentStory): readonly KnownBlock[] {
  const [alert] = story.alerts;
  if (alert === undefined) return [];
  const pairs = (title: string, map: Readonly<Record<string, string>>): readonly string[] => {
    const lines = Object.entries(map).map(
      ([name, value]) => `• ${escapeMrkdwn(oneLine(name, 60))}: ${escapeMrkdwn(oneLine(value, 300))}`,
    );
    return lines.length === 0 ? [] : [`_${title}_`, ...lines];
  };
  const list = story.alertCount > LISTED ? alertList(story, LISTED_IN_DETAILS) : [];
  return sections([
    '*Details*',
    ...list,
    ...pairs(story.alertCount > 1 ? 'Labels of the first alert' : 'Labels', alert.labels),
    ...pairs('Annotations', alert.annotations),
  ]);
}

/** Incidents that may have one cause. */
export function together({ related }: IncidentStory): readonly KnownBlock[] {
  if (related.length === 0) return [];
  const named = related.slice(0, RELATED_SHOWN).map(({ id, alertname, system, service }) => {
    const where = [system, service].filter((part) => part !== null).join(' / ');
    return `${incidentId(id)} ${escapeMrkdwn(oneLine(alertname, 60))}${where === '' ? '' : ` (${escapeMrkdwn(oneLine(where, 60))})`}`;
  });
  const more = related.length - named.length;
  return [context(`At the same time: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`)];
}

/** What could not be kept as it came. */
export function repairsLine({ incident }: IncidentStory): readonly KnownBlock[] {
  if (incident.repairs.length === 0) return [];
  const said = incident.repairs.slice(0, 5).map((repair) => escapeMrkdwn(oneLine(repair, 200)));
  const more = incident.repairs.length - said.length;
  return [
    context(
      `⚠ Repaired, because it could not be kept as it came: ${said.join('; ')}${more > 0 ? `; and ${more} more` : ''}`,
    ),
  ];
}
