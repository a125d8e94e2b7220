/** An alert joined an incident that is worse than those before: a message of its own, which calls people. */
import { incidentId } from '../../domain/ids.ts';
import { escapeMrkdwn, oneLine } from '../../domain/text.ts';
import type { IncidentRow } from '../../journal/incidents.ts';
import type { SeverityRise } from '../../journal/severity-rises.ts';
import { actor, context, message, moment, type Rendered, section } from '../blocks.ts';

const word = (text: string): string => escapeMrkdwn(oneLine(text, 40));

/** `onCall`: whom to mention where nobody has taken it. */
export function riseView(incident: IncidentRow, rise: SeverityRise, onCall: readonly string[]): Rendered {
  const people = incident.acknowledgedBy === null ? onCall : [incident.acknowledgedBy];
  const called = incident.critical ? people.map(actor).join(' ') : '';
  return message([
    section(
      `⚠ *Severity rose: ${word(rise.from)} → ${word(rise.to)}*${called === '' ? '' : ` ${called}`}\n*${escapeMrkdwn(oneLine(rise.alertname, 120))}* joined ${incidentId(incident.id)}.`,
    ),
    context(moment(rise.at)),
  ]);
}
