/** A maintenance: what is typed to begin one, whether it may begin, until when it lasts, and its checklist. Pure. */
import { type Calendar, outside } from './change-rules.ts';
import { parseDuration, sayDuration } from './duration.ts';
import { incidentId, parseId } from './ids.ts';
import { didYouMean } from './nearest.ts';
import type { Refusal } from './refusal.ts';
import { oneLine } from './text.ts';
import { freezeAt, sayInstant, windowAt } from './windows.ts';
import { DAY_MS, parseTimeOfDay } from './zone.ts';

export interface MaintenanceAsk {
  /** Never empty. */
  readonly systems: readonly string[];
  /** Null: to the window's end. */
  readonly endsAt: Date | null;
  readonly incidentId: number | null;
  readonly reason: string;
}

const USAGE = 'Type `/ops maintenance start moalog until 06:00 the reason`, or `… for 2h INC-12 the reason`.';
const LONGEST_REASON = 300;

/** `[SYSTEM…] [until 06:00|for 2h] [INC-n] reason`; times of day are UTC. Without a system: all of them. */
export function readMaintenance(
  words: readonly string[],
  systems: readonly string[],
  now: Date,
): MaintenanceAsk | { readonly wrong: string } {
  const chosen = new Set<string>();
  let endsAt: Date | null = null;
  let incident: number | null = null;
  let at = 0;
  for (; at < words.length; at += 1) {
    const word = (words[at] ?? '').toLowerCase();
    const number = parseId('INC', word);
    if (systems.includes(word)) chosen.add(word);
    else if (number !== null) incident = number;
    else if (word === 'until' || word === 'for') {
      at += 1;
      endsAt = word === 'until' ? untilTime(words[at] ?? '', now) : after(words[at] ?? '', now);
      if (endsAt === null)
        return { wrong: `“${oneLine(`${word} ${words[at] ?? ''}`, 40)}” is no time to end. ${USAGE}` };
    } else break;
  }
  const reason = oneLine(words.slice(at).join(' '), LONGEST_REASON);
  if (reason === '') return { wrong: `Why? ${USAGE}` };
  const near = didYouMean((words[at] ?? '').toLowerCase(), systems);
  if (near !== '') return { wrong: `There is no system “${oneLine(words[at] ?? '', 40)}”${near}` };
  return { systems: chosen.size === 0 ? systems : [...chosen], endsAt, incidentId: incident, reason };
}

/** The next time the clocks of UTC show it. */
function untilTime(text: string, now: Date): Date | null {
  const time = parseTimeOfDay(text);
  if (time === null) return null;
  const today = Math.floor(now.getTime() / DAY_MS) * DAY_MS + time;
  return new Date(today > now.getTime() ? today : today + DAY_MS);
}

function after(text: string, now: Date): Date | null {
  const ms = parseDuration(text);
  return ms === null || ms < 1000 ? null : new Date(now.getTime() + ms);
}

const EMERGENCY_MS = 2 * 3_600_000;
const LONGEST_EMERGENCY_MS = 12 * 3_600_000;

/** When it ends, or why it may not begin. In the window it ends with the window at the latest. */
export function judgeMaintenance(
  ask: MaintenanceAsk,
  incidentOpen: boolean,
  calendar: Calendar,
  now: Date,
): { readonly endsAt: Date; readonly note: string | null } | Refusal {
  for (const system of ask.systems) {
    const freeze = freezeAt(calendar.freezes, system, now);
    if (freeze !== null) {
      const sentence = `There is a freeze of ${system} until ${sayInstant(freeze.to)} (${oneLine(freeze.reason)}): no maintenance begins before.`;
      return { word: 'freeze', sentence };
    }
  }
  const window = windowAt(calendar.windows, now);
  if (ask.incidentId !== null) {
    if (!incidentOpen) {
      const sentence = `This is an unknown request: ${incidentId(ask.incidentId)} is no open incident.`;
      return { word: 'unknown request', sentence };
    }
    const latest = new Date(now.getTime() + LONGEST_EMERGENCY_MS);
    const wanted = ask.endsAt ?? new Date(now.getTime() + EMERGENCY_MS);
    return wanted <= latest
      ? { endsAt: wanted, note: null }
      : { endsAt: latest, note: `an emergency lasts ${sayDuration(LONGEST_EMERGENCY_MS)} at most` };
  }
  if (window === null) {
    const sentence = `${outside(calendar, now)} An emergency names its open incident: \`/ops maintenance start … INC-n the reason\`.`;
    return { word: 'outside the window', sentence };
  }
  const wanted = ask.endsAt ?? window.to;
  return wanted <= window.to
    ? { endsAt: wanted, note: null }
    : { endsAt: window.to, note: `the window ends ${sayInstant(window.to)}` };
}

export interface ChecklistPart {
  readonly key: string;
  readonly title: string;
  readonly items: readonly { readonly key: string; readonly label: string }[];
}

/** The checklist of the shared infrastructure's page, part by part. */
export const CHECKLIST: readonly ChecklistPart[] = [
  {
    key: 'pre',
    title: 'Before',
    items: [
      { key: 'pre-announce', label: 'The window is announced' },
      { key: 'pre-snapshot', label: 'Configurations are kept as they are now' },
      { key: 'pre-rollback', label: 'The rollback plan is verified' },
    ],
  },
  {
    key: 'during',
    title: 'During',
    items: [
      { key: 'during-runbook', label: 'The runbook’s steps are carried out' },
      { key: 'during-deviations', label: 'Deviations are written down' },
      { key: 'during-dashboards', label: 'The dashboards are watched' },
    ],
  },
  {
    key: 'post',
    title: 'Afterwards',
    items: [
      { key: 'post-prometheus', label: 'Prometheus: all targets are up' },
      { key: 'post-grafana', label: 'Grafana: the SLOs are met' },
      { key: 'post-loki', label: 'Loki: the logs are quiet' },
    ],
  },
  {
    key: 'communication',
    title: 'Communication',
    items: [
      { key: 'communication-summary', label: 'The summary is posted' },
      { key: 'communication-lessons', label: 'What was learnt is written down' },
      { key: 'communication-tracker', label: 'The incident tracker is up to date' },
    ],
  },
];

/** Tasks of a runbook, by the part their names begin with (`pre-…`, `during-…`); others come first. */
export function checklistFrom(
  tasks: readonly { readonly key: string; readonly label: string }[],
): readonly ChecklistPart[] {
  if (tasks.length === 0) return CHECKLIST;
  const partOf = (key: string) => CHECKLIST.find((part) => key.startsWith(`${part.key}-`));
  const rest = tasks.filter(({ key }) => partOf(key) === undefined);
  return [
    { key: 'tasks', title: 'Tasks', items: rest },
    ...CHECKLIST.map((part) => ({ ...part, items: tasks.filter(({ key }) => partOf(key) === part) })),
  ].filter(({ items }) => items.length > 0);
}
