/** A maintenance in the channel, and its checklist in the thread: who ticked what, and when. */
import type { KnownBlock } from '@slack/web-api';
import { incidentId, maintenanceId } from '../../domain/ids.ts';
import type { ChecklistPart } from '../../domain/maintenance.ts';
import { escapeMrkdwn, oneLine } from '../../domain/text.ts';
import type { MaintenanceStory, SilenceRow } from '../../journal/maintenances.ts';
import { actor, context, message, moment, type Rendered, section, sections } from '../blocks.ts';
import { checkboxes } from '../checkboxes.ts';
import { LIMITS } from '../limits.ts';

/** Each part's boxes have an action of their own: `maintenance.tick.pre`. */
export const CHECKLIST_ACTION = 'maintenance.tick.';

export function maintenanceRoot(story: MaintenanceStory, checklist: readonly ChecklistPart[]): Rendered {
  const { maintenance: row } = story;
  const items = checklist.flatMap((part) => part.items);
  const ticked = new Set(story.ticks.map(({ item }) => item));
  const done = items.filter(({ key }) => ticked.has(key)).length;
  const state =
    row.endedAt === null || row.endedBy === null
      ? `*under way* until ${moment(row.endsAt)}`
      : `*ended* ${moment(row.endedAt)} by ${actor(row.endedBy)}`;
  const emergency = row.incidentId === null ? '' : ` · emergency ${incidentId(row.incidentId)}`;
  return message([
    section(`🛠 *Maintenance* of ${row.systems.join(', ')} · ${maintenanceId(row.id)}${emergency} · ${state}`),
    section(escapeMrkdwn(oneLine(row.reason, 300))),
    ...sections(story.silences.map(silenceLine)),
    context(
      `begun by ${actor(row.askedBy)} (${escapeMrkdwn(row.authority)}) ${moment(row.startsAt)} · checklist: ${done} of ${items.length} in the thread · \`/ops maintenance end\``,
    ),
  ]);
}

function silenceLine(silence: SilenceRow): string {
  const why = silence.problem === null ? '' : ` (${escapeMrkdwn(oneLine(silence.problem, 200))})`;
  switch (silence.state) {
    case 'due':
      return `… Alerts of ${silence.system}: being silenced${why}`;
    case 'set':
      return `🔕 Alerts of ${silence.system}: silenced until the end, which Alertmanager keeps by itself`;
    case 'ending':
      return `… Alerts of ${silence.system}: the silence is being ended${why}`;
    case 'ended':
      return `🔔 Alerts of ${silence.system}: no longer silenced`;
    case 'failed':
      return `⚠ Alerts of ${silence.system}: *not silenced*${why}`;
    default:
      return silence.state satisfies never;
  }
}

export function maintenanceChecklist(story: MaintenanceStory, checklist: readonly ChecklistPart[]): Rendered {
  const { maintenance, ticks } = story;
  const ticked = new Map(ticks.map((tick) => [tick.item, tick]));
  const blocks = checklist.flatMap((part): readonly KnownBlock[] => {
    const done = part.items.flatMap(({ key, label }) => {
      const tick = ticked.get(key);
      return tick === undefined
        ? []
        : [`☑ ${escapeMrkdwn(label)} · ${actor(tick.person)} ${moment(tick.at)}`];
    });
    const groups = Array.from({ length: Math.ceil(part.items.length / LIMITS.checkboxOptions) }, (_, i) =>
      part.items.slice(i * LIMITS.checkboxOptions, (i + 1) * LIMITS.checkboxOptions),
    );
    return [
      section(`*${escapeMrkdwn(part.title)}*`),
      ...groups.map((items, i) =>
        checkboxes(
          `${CHECKLIST_ACTION}${part.key}.${i}`,
          maintenance.token,
          items.map(({ key, label }) => ({ key, label, ticked: ticked.has(key) })),
        ),
      ),
      ...sections(done),
    ];
  });
  return message([section(`*Checklist* of ${maintenanceId(maintenance.id)}`), ...blocks]);
}
