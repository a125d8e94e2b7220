/** App Home: what waits for this person, what is open, who is on call, and how every system is. */

import type { HomeView, KnownBlock } from '@slack/web-api';
import { incidentId, stepId } from '../../domain/ids.ts';
import { backupNow, onCallNow } from '../../domain/organisation.ts';
import type { ProbeState } from '../../domain/probe.ts';
import type { Catalog, System } from '../../domain/runbook.ts';
import { escapeMrkdwn, oneLine } from '../../domain/text.ts';
import { healthServices } from '../../engine/checks/ask-health.ts';
import type { Home } from '../../engine/reading/read-home.ts';
import type { ServiceState } from '../../journal/overview.ts';
import type { StepRow } from '../../journal/steps.ts';
import { actor, context, header, moment, section, sections } from '../blocks.ts';
import { LIMITS } from '../limits.ts';

/** A link to a message, or the place in words; `thread`: the root, where the message is in its thread. */
export type LinkTo = (
  place: { readonly channel: string; readonly ts: string } | null,
  thread?: { readonly ts: string } | null,
) => string;

const MARK: Readonly<Record<ProbeState, string>> = { up: '🟢', degraded: '🟡', down: '🔴', unknown: '⚪' };
/** The worst first. */
const ORDER: readonly ProbeState[] = ['down', 'degraded', 'unknown', 'up'];
const TROUBLES_SHOWN = 4;
/** What was seen longer ago is told with its age. */
const STALE_MS = 15 * 60_000;

/** Pure: the same state gives the same blocks, so that what has not changed is not published again. */
export function homeBlocks(home: Home, catalog: Catalog, link: LinkTo): readonly KnownBlock[] {
  return [
    ...haltBlocks(home),
    header('Waiting for you'),
    ...sections(mineLines(home, link)),
    header('Open incidents'),
    ...sections(incidentLines(home, link)),
    ...(home.running.length === 0 ? [] : [header('Running now'), ...sections(home.running.map(stepLine))]),
    header('On call'),
    ...sections(onCallLines(home, catalog)),
    header('Health'),
    ...sections(catalog.systems.map((system) => systemLine(system, home))),
    ...sections(home.lines.map(ownLine)),
  ].slice(0, LIMITS.viewBlocks - 1);
}

/** `at`: when it was published. */
export const homeView = (blocks: readonly KnownBlock[], at: Date): HomeView => ({
  type: 'home',
  blocks: [
    ...blocks,
    context(
      `As of ${moment(at)}. It follows what happens for two hours after you open it. \`/ops help\` lists what you can type.`,
    ),
  ],
});

/** What is no service and still counts: how old the last backup is. Without its age, which would change each minute. */
const ownLine = ({ system, title, result }: Home['lines'][number]): string =>
  `${MARK[result.state]} ${escapeMrkdwn(system)}: ${escapeMrkdwn(title)} ${result.state === 'up' ? 'in time' : escapeMrkdwn(result.reason ?? result.state)}`;

function haltBlocks({ halt }: Home): readonly KnownBlock[] {
  if (halt === null) return [];
  return [
    section(
      `⛔ *Everything is halted* by ${actor(halt.askedBy)} since ${moment(halt.at)}: ${escapeMrkdwn(oneLine(halt.reason, 300))}\nNo action starts, and nothing can be approved, until a tech lead types \`/ops halt lift\`.`,
    ),
  ];
}

function mineLines({ mine, requests, halt }: Home, link: LinkTo): readonly string[] {
  const others = requests.length - mine.length;
  const waits = `${requests.length} ${requests.length === 1 ? 'request waits' : 'requests wait'}`;
  if (mine.length === 0) {
    if (requests.length === 0) return ['Nothing waits for a decision.'];
    return [
      halt === null
        ? `Nothing that you may approve now; ${waits} for others.`
        : `${waits} for the halt’s end.`,
    ];
  }
  return [
    ...mine.map(({ request, place, root }) => {
      const { plan } = request;
      return `• *${stepId(request.stepId)}* \`${plan.action}\` on ${escapeMrkdwn(plan.system)} / ${escapeMrkdwn(plan.service)} · ${plan.danger} · asked by ${actor(request.askedBy)} · expires ${moment(request.decideBy)} · ${link(place, root)}`;
    }),
    ...(others > 0 ? [`${others} more wait for others.`] : []),
  ];
}

function incidentLines({ incidents }: Home, link: LinkTo): readonly string[] {
  const { shown, total } = incidents;
  if (total === 0) return ['No incident is open.'];
  const lines = shown.map(({ incident, root }) => {
    const where =
      [incident.system, incident.service].filter((part) => part !== null).join(' / ') || 'no system';
    return `• *${incidentId(incident.id)}* ${escapeMrkdwn(oneLine(incident.alertname, 80))} · ${escapeMrkdwn(oneLine(where, 80))} · *${incident.state}* since ${moment(incident.openedAt)} · ${link(root)}`;
  });
  return total > shown.length ? [...lines, `… and ${total - shown.length} more: \`/ops incidents\``] : lines;
}

function nameOf(step: StepRow): string {
  switch (step.type) {
    case 'probe':
      return step.definition.title ?? `${step.definition.probe} on ${step.definition.service}`;
    case 'action':
      return step.definition.title ?? `${step.definition.action} on ${step.definition.service}`;
    case 'condition':
      return `${step.definition.probe} on ${step.definition.service}`;
    case 'task':
      return step.definition.title ?? step.definition.task;
    default:
      return step satisfies never;
  }
}

function stepLine({ step, runTitle, runbookId, incidentId: incident }: Home['running'][number]): string {
  const of = incident === null ? '' : ` · ${incidentId(incident)}`;
  const since = step.startedAt === null ? '' : ` since ${moment(step.startedAt)}`;
  const system = runbookId.split('/')[0] ?? '';
  return `• *${stepId(step.id)}* ${escapeMrkdwn(oneLine(nameOf(step), 120))} · ${escapeMrkdwn(oneLine(runTitle, 80))} · ${escapeMrkdwn(system)}${of}${since}`;
}

function onCallLines({ now }: Home, { organisation }: Catalog): readonly string[] {
  const people = (ids: readonly string[]): string =>
    ids.length === 0 ? '*nobody*: see org.yaml' : ids.map(actor).join(', ');
  const backup = backupNow(organisation, now);
  return [
    `*On call*: ${people(onCallNow(organisation, now))}${backup.length === 0 ? '' : ` · *Backup*: ${people(backup)}`}`,
    `*Tech lead*: ${people(organisation.techLead)} · *Duty officer*: ${people(organisation.dutyOfficer)}`,
  ];
}

/** One line: the worst state, since when, and what is not up. */
function systemLine(system: System, { health, now }: Home): string {
  const services = healthServices(system, null).map(({ name }) => name);
  const known = health.filter((one) => one.system === system.name && services.includes(one.service));
  const name = `*${escapeMrkdwn(system.name)}*`;
  if (known.length === 0) return `⚪ ${name} · nobody has looked yet: \`/ops health ${system.name}\``;
  const worst = ORDER.find((state) => known.some((one) => one.state === state)) ?? 'unknown';
  const up = known.filter(({ state }) => state === 'up').length;
  const since = sinceOf(known, worst);
  const seen = new Date(Math.max(...known.map(({ seenAt }) => seenAt.getTime())));
  const old = now.getTime() - seen.getTime() > STALE_MS ? ` · last looked at ${moment(seen)}` : '';
  return `${MARK[worst]} ${name} · ${up} of ${services.length} up · ${worst} since ${moment(since)}${troubles(known)}${old}`;
}

/** All up: since the last of them came up. Else: since the first of the worst is so. */
function sinceOf(known: readonly ServiceState[], worst: ProbeState): Date {
  const times = known.filter(({ state }) => state === worst).map(({ since }) => since.getTime());
  return new Date(worst === 'up' ? Math.max(...times) : Math.min(...times));
}

function troubles(known: readonly ServiceState[]): string {
  const list = ORDER.filter((state) => state !== 'up').flatMap((state) =>
    known.filter((one) => one.state === state).map((one) => `${one.service} ${state}`),
  );
  if (list.length === 0) return '';
  const more = list.length > TROUBLES_SHOWN ? ` and ${list.length - TROUBLES_SHOWN} more` : '';
  return ` · ${escapeMrkdwn(list.slice(0, TROUBLES_SHOWN).join(', '))}${more}`;
}
