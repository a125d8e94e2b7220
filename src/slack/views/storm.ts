/** A storm: its root message, the pages of its thread that name every incident, and the whole list as a file. */
import type { KnownBlock } from '@slack/web-api';
import { incidentId } from '../../domain/ids.ts';
import { sayStormLine } from '../../domain/storm.ts';
import { cut, escapeMrkdwn, oneLine, plain } from '../../domain/text.ts';
import type { StormCounts, StormEntry, StormRow } from '../../journal/storms.ts';
import { context, message, moment, type Rendered, section, sections } from '../blocks.ts';
import { LIMITS } from '../limits.ts';

export const STORM_OPEN = 'storm.open';

const sayCounts = (counts: StormCounts['bySystem']): string =>
  counts.map(({ name, count }) => `${count} ${escapeMrkdwn(oneLine(name, 60))}`).join(', ');

export function stormRoot(storm: StormRow, counts: StormCounts): Rendered {
  const { entries } = counts;
  const groups = `${entries} alert group${entries === 1 ? '' : 's'}`;
  const until = storm.endedAt === null ? '' : ` · ended ${moment(storm.endedAt)}`;
  return message([
    section(`⛈ *Storm: ${groups} since ${moment(storm.beganAt)}*${until}`),
    section(
      `By severity: ${sayCounts(counts.bySeverity)} · by system: ${sayCounts(counts.bySystem)}\nThe thread names each of them. ${storm.unknownOnly ? 'Critical ones, and those with a runbook, have' : 'Critical ones have'} threads of their own.`,
    ),
    context(
      `${entries - counts.resolved} still open, ${counts.resolved} resolved, ${counts.opened} with threads of their own`,
      'A diagnosis is not run for those without: it runs when you open a thread, from the list below or with `/ops thread INC-n`.',
    ),
  ]);
}

/** The lines of one page were chosen to fit: none is cut. */
export function stormPage(page: number, entries: readonly StormEntry[]): Rendered | null {
  if (entries.length === 0) return null;
  const blocks: KnownBlock[] = [section(`*Page ${page}*`), ...sections(entries.map(sayStormLine))];
  const closed = entries.filter((entry) => !entry.hasThread);
  if (closed.length > 0) {
    blocks.push({
      type: 'actions',
      elements: [
        {
          type: 'static_select',
          action_id: STORM_OPEN,
          placeholder: { type: 'plain_text', text: 'Open a thread for…' },
          options: closed.slice(0, LIMITS.selectOptions).map((entry) => ({
            text: {
              type: 'plain_text',
              text: cut(`${incidentId(entry.id)} ${oneLine(entry.alertname, 40)}`, 40),
            },
            value: entry.token,
          })),
        },
      ],
    });
  }
  return message(blocks);
}

/** Tab-separated: a terminal and a spreadsheet both read it. */
export function stormList(entries: readonly StormEntry[]): string {
  const cell = (text: string): string => plain(text).replace(/\s+/gu, ' ').trim();
  const lines = entries.map((entry) =>
    [
      incidentId(entry.id),
      entry.alertname,
      entry.system ?? '',
      entry.service ?? '',
      entry.severity,
      entry.state,
      entry.openedAt.toISOString(),
    ]
      .map(cell)
      .join('\t'),
  );
  return `${['incident\talert\tsystem\tservice\tseverity\tstate\topened', ...lines].join('\n')}\n`;
}
