/** Storms: which incidents keep threads of their own, and how the others are named, many lines to a message. */
import { incidentId } from './ids.ts';
import type { IncidentState } from './lives.ts';
import { escapeMrkdwn, oneLine } from './text.ts';

export interface StormLine {
  readonly id: number;
  readonly alertname: string;
  readonly system: string | null;
  readonly service: string | null;
  readonly severity: string;
  readonly state: IncidentState;
  readonly hasThread: boolean;
}

const MARK: Readonly<Record<IncidentState, string>> = {
  firing: '🔴',
  acknowledged: '🟠',
  mitigated: '🔵',
  resolved: '🟢',
};

/** `text`, escaped, in at most `max` characters as JSON: what is cut ends in an ellipsis. */
function shorten(text: string, max: number): string {
  for (let length = max; ; length = Math.floor(length * 0.8)) {
    const escaped = escapeMrkdwn(oneLine(text, Math.max(1, length)));
    if (JSON.stringify(escaped).length - 2 <= max || length <= 1) return escaped;
  }
}

export function sayStormLine(line: StormLine): string {
  const where = [line.system, line.service].filter((part) => part !== null).map((part) => shorten(part, 60));
  const parts = [
    `${MARK[line.state]} ${incidentId(line.id)} *${shorten(line.alertname, 100)}*`,
    where.join(' / ') || 'no system',
    shorten(line.severity, 20),
    line.state,
    ...(line.hasThread ? ['own thread'] : []),
  ];
  return parts.join(' · ');
}

/** How long a line can become, whatever its incident does. */
const longest = (line: StormLine): number =>
  JSON.stringify(sayStormLine({ ...line, state: 'acknowledged', hasThread: true })).length - 1;

/** Of one message: its text stays within what Slack shows of it, its choices within one list. */
const PAGE_CHARACTERS = 3500;
const PAGE_LINES = 50;

export interface Page {
  readonly number: number;
  readonly lines: number;
  readonly characters: number;
}

/** The last page as it is, from its lines. */
export const measurePage = (number: number, lines: readonly StormLine[]): Page => ({
  number,
  lines: lines.length,
  characters: lines.reduce((sum, line) => sum + longest(line), 0),
});

/** Lines are put on the last page while they fit, then on new ones: what is on a page stays there. */
export function placeLines(
  last: Page,
  lines: readonly StormLine[],
): readonly { readonly id: number; readonly page: number }[] {
  let page = last;
  return lines.map((line) => {
    const characters = page.characters + longest(line);
    const fits = page.lines < PAGE_LINES && characters <= PAGE_CHARACTERS;
    page = fits
      ? { number: page.number, lines: page.lines + 1, characters }
      : { number: page.number + 1, lines: 1, characters: longest(line) };
    return { id: line.id, page: page.number };
  });
}
