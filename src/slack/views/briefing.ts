/** What an incident means: impact, symptoms, links; for an unknown alert, what it says of itself. */
import type { KnownBlock } from '@slack/web-api';
import type { Runbook } from '../../domain/runbook.ts';
import { escapeCode, escapeMrkdwn, oneLine } from '../../domain/text.ts';
import type { IncidentStory } from '../../engine/reading/read-incident-story.ts';
import { buttons, context, section, sections } from '../blocks.ts';

/** Followed by the runbook's id, which is looked up among those that were offered. */
export const USE_RUNBOOK_ACTION = 'runbook.use.';
const OTHERS_SHOWN = 5;
const LABELS_SHOWN = 24;
const SYSTEMS_SHOWN = 40;

const bullets = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`*${title}*`, ...lines.map((line) => `• ${escapeMrkdwn(line)}`)];

/** `systems`: the names of those under care. */
export function briefing(story: IncidentStory, systems: readonly string[]): readonly KnownBlock[] {
  const { incident, runbook } = story;
  if (runbook === null || incident.runbookId === null) return unknown(story, systems);
  return [
    section(`*${escapeMrkdwn(runbook.title)}*`),
    ...sections([
      ...bullets('Impact', runbook.impact),
      ...bullets('Symptoms', runbook.symptoms),
      ...bullets('Good to know', runbook.notes),
    ]),
    ...links(story, runbook),
    ...others(story),
  ];
}

function unknown(story: IncidentStory, systems: readonly string[]): readonly KnownBlock[] {
  const { incident, runbook, alerts } = story;
  const labels = Object.entries(alerts[0]?.labels ?? {}).slice(0, LABELS_SHOWN);
  const lines = labels.map(
    ([name, value]) => `• ${escapeMrkdwn(oneLine(name, 60))}: ${escapeMrkdwn(oneLine(value, 200))}`,
  );
  const isKnown = incident.system !== null && systems.includes(incident.system);
  const place = `${isKnown ? incident.system : 'SYSTEM'}/${fileName(incident.alertname)}`;
  const which = systems.slice(0, SYSTEMS_SHOWN).map((name) => `\`${escapeCode(name)}\``);
  return [
    section('*No runbook matches this alert.* What it says of itself:'),
    ...sections(lines),
    ...(runbook === null ? [] : sections(bullets('Good to know', runbook.notes))),
    ...links(story, runbook),
    ...(isKnown || which.length === 0
      ? []
      : [
          context(
            `${incident.system === null ? 'It names no system' : 'It names a system that nobody knows'}, so nothing was asked. The label \`system\` may be: ${which.join(', ')}.`,
          ),
        ]),
    context(
      `Write one: \`npx pageturner new ${escapeCode(place)}\`, with the trigger \`alertname="${escapeCode(oneLine(incident.alertname, 80))}"\`.`,
    ),
  ];
}

/** `HighMemoryUsage` → `high-memory-usage`: a name that a runbook's file may have. */
function fileName(alertname: string): string {
  const words = alertname.replace(/([a-z0-9])([A-Z])/gu, '$1-$2').toLowerCase();
  const name = words.replace(/[^a-z0-9]+/gu, '-').replace(/^[-0-9]+|-+$/gu, '');
  return name.slice(0, 60) || 'NAME';
}

function links({ alerts }: IncidentStory, runbook: Runbook | null): readonly KnownBlock[] {
  const shown = (runbook?.links ?? []).map((link) => `<${link.url}|${escapeMrkdwn(link.title)}>`);
  const source = alerts[0]?.generatorUrl;
  if (source !== undefined && /^https?:\/\/[^\s|<>]+$/u.test(source))
    shown.push(`<${source}|The alert’s own graph>`);
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
