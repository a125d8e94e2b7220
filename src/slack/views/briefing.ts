/** What an incident means: impact, symptoms, links; for an unknown alert, what it says of itself. */
import type { KnownBlock } from '@slack/web-api';
import type { Runbook } from '../../domain/runbook.ts';
import { escapeCode, escapeMrkdwn, oneLine } from '../../domain/text.ts';
import type { IncidentStory } from '../../engine/reading/read-incident-story.ts';
import { buttons, context, section, sections } from '../blocks.ts';
import { alertDetails, alertLinks, alertList, alertTexts, repairsLine, together } from './alert-text.ts';

/** Followed by the runbook's id, which is looked up among those that were offered. */
export const USE_RUNBOOK_ACTION = 'runbook.use.';
const OTHERS_SHOWN = 5;
const SYSTEMS_SHOWN = 40;

const bullets = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`*${title}*`, ...lines.map((line) => `• ${escapeMrkdwn(line)}`)];

export interface BriefingContext {
  /** The names of those under care. */
  readonly systems: readonly string[];
  /** Grafana's address; null: not known. */
  readonly grafana: string | null;
}

export function briefing(story: IncidentStory, around: BriefingContext): readonly KnownBlock[] {
  const { incident, runbook } = story;
  if (runbook === null || incident.runbookId === null) return unknown(story, around);
  return [
    section(`*${escapeMrkdwn(runbook.title)}*`),
    ...alertTexts(story),
    ...sections(alertList(story)),
    ...sections([
      ...bullets('Impact', runbook.impact),
      ...bullets('Symptoms', runbook.symptoms),
      ...bullets('Good to know', runbook.notes),
    ]),
    ...links(story, runbook, around),
    ...others(story),
    ...together(story),
    ...repairsLine(story),
    ...alertDetails(story),
  ];
}

function unknown(story: IncidentStory, around: BriefingContext): readonly KnownBlock[] {
  const { incident, runbook } = story;
  const { systems } = around;
  const isKnown = incident.system !== null && systems.includes(incident.system);
  const place = `${isKnown ? incident.system : 'SYSTEM'}/${fileName(incident.alertname)}`;
  const which = systems.slice(0, SYSTEMS_SHOWN).map((name) => `\`${escapeCode(name)}\``);
  return [
    section('*No runbook matches this alert.* What it says of itself:'),
    ...alertTexts(story),
    ...sections(alertList(story)),
    ...(runbook === null ? [] : sections(bullets('Good to know', runbook.notes))),
    ...links(story, runbook, around),
    ...(isKnown || which.length === 0
      ? []
      : [
          context(
            `${incident.system === null ? 'It names no system' : 'It names a system that nobody knows'}, so nothing was asked. The label \`system\` may be: ${which.join(', ')}. Or map it in \`runbooks/alerts.yaml\`: ${mapping(story, systems)}`,
          ),
        ]),
    context(
      `Write one: \`npx pageturner new ${escapeCode(place)}\`, with the trigger \`alertname="${escapeCode(oneLine(incident.alertname, 80))}"\`.`,
    ),
    ...together(story),
    ...repairsLine(story),
    ...alertDetails(story),
  ];
}

/** An entry that would map this alert: by the label that says most of where it comes from. */
function mapping({ alerts }: IncidentStory, systems: readonly string[]): string {
  const labels = alerts[0]?.labels ?? {};
  const name = ['job', 'namespace', 'service', 'cluster', 'instance'].find(
    (one) => (labels[one] ?? '') !== '',
  );
  const label = name ?? 'alertname';
  const matcher = `${label}="${oneLine(labels[label] ?? '…', 60)}"`;
  return `\`targets: [{ match: ['${escapeCode(matcher)}'], system: ${systems[0] ?? 'SYSTEM'} }]\``;
}

/** `HighMemoryUsage` → `high-memory-usage`: a name that a runbook's file may have. */
function fileName(alertname: string): string {
  const words = alertname.replace(/([a-z0-9])([A-Z])/gu, '$1-$2').toLowerCase();
  const name = words.replace(/[^a-z0-9]+/gu, '-').replace(/^[-0-9]+|-+$/gu, '');
  return name.slice(0, 60) || 'NAME';
}

function links(
  story: IncidentStory,
  runbook: Runbook | null,
  { grafana }: BriefingContext,
): readonly KnownBlock[] {
  const all = [...(runbook?.links ?? []), ...alertLinks(story, grafana)];
  const shown = all.map((link) => `<${link.url}|${escapeMrkdwn(link.title)}>`);
  return shown.length === 0 ? [] : [context(shown.join(' · '))];
}

/** Each can be read, and taken instead. */
function others({ incident }: IncidentStory): readonly KnownBlock[] {
  const ids = incident.otherRunbooks.slice(0, OTHERS_SHOWN);
  if (ids.length === 0) return [];
  const more = incident.otherRunbooks.length - ids.length;
  const commands = ids.map((id) => `\`/ops runbook ${escapeCode(id)}\``).join(', ');
  const said = context(`Other runbooks that match: ${commands}${more > 0 ? ` and ${more} more` : ''}`);
  if (incident.state === 'resolved') return [said];
  const drafts = ids.map((id) => ({
    label: `Use ${id} instead`,
    action: `${USE_RUNBOOK_ACTION}${id}`,
    value: incident.token,
  }));
  return [said, buttons(drafts)];
}
