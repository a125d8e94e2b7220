/** The root message of an incident: what it is, in which state, and the buttons that belong to the state. */
import { incidentId } from '../../domain/ids.ts';
import type { IncidentState } from '../../domain/lives.ts';
import type { Environment } from '../../domain/target.ts';
import { cut, escapeCode, escapeMrkdwn, oneLine } from '../../domain/text.ts';
import type { IncidentStory } from '../../engine/reading/read-incident-story.ts';
import {
  actor,
  type ButtonDraft,
  buttons,
  context,
  message,
  moment,
  type Rendered,
  section,
} from '../blocks.ts';

export const INCIDENT_ACTIONS = {
  acknowledge: 'incident.acknowledge',
  resolve: 'incident.resolve',
  reopen: 'incident.reopen',
  rerun: 'incident.rerun',
  confirm: 'incident.confirm',
} as const;

/** Times that its alert came back before it is said to flap. */
const FLAPPING = 3;

const MARK: Readonly<Record<IncidentState, string>> = {
  firing: '🔴',
  acknowledged: '🟠',
  mitigated: '🔵',
  resolved: '🟢',
};

// The state's word stands here once: nothing else in the message may use one of the four.
export function incidentRoot(story: IncidentStory, environment: Environment | null): Rendered {
  const { incident } = story;
  const where = [incident.system, incident.service]
    .filter((part) => part !== null)
    .map((part) => escapeMrkdwn(oneLine(part, 80)));
  const title = `${MARK[incident.state]} *${escapeMrkdwn(oneLine(incident.alertname, 120))}* · ${where.join(' / ') || 'no system'} · ${escapeMrkdwn(oneLine(incident.severity, 40))} · *${incident.state}* · ${incidentId(incident.id)}`;
  const count =
    story.alertCount === 1 ? '1 alert' : `${story.alertCount} alerts, ${story.firingCount} active`;
  const facts = [count, `since ${moment(incident.openedAt)}`];
  if (incident.truncated > 0) facts.push(`Alertmanager left out ${incident.truncated} more`);
  if (incident.openedBy !== null) facts.push(`opened by ${actor(incident.openedBy)}`);
  if (incident.confirmedBy !== null) facts.push(`confirmed by ${actor(incident.confirmedBy)}`);
  if (incident.flaps >= FLAPPING && incident.flapsSince !== null)
    facts.push(`flapping: came back ${incident.flaps} times since ${moment(incident.flapsSince)}`);
  if (incident.guessed) facts.push('the system is a guess');
  if (incident.acknowledgedBy !== null) facts.push(`taken by ${actor(incident.acknowledgedBy)}`);
  if (incident.state === 'resolved' && incident.resolvedAt !== null && incident.resolvedBy !== null) {
    facts.push(`ended ${moment(incident.resolvedAt)} by ${actor(incident.resolvedBy)}`);
  }
  if (incident.runbookId !== null) facts.push(`runbook \`${escapeCode(incident.runbookId)}\``);
  const summary =
    incident.summary === '' ? [] : [section(escapeMrkdwn(cut(oneLine(incident.summary, 600), 600)))];
  const needsTwo = environment === 'prod' && incident.openedBy !== null && incident.confirmedBy === null;
  const unconfirmed =
    needsTwo && incident.state !== 'resolved'
      ? [context('Changes wait for the maintenance window until a second person with a role confirms this.')]
      : [];
  return message([
    section(title),
    ...summary,
    ...unconfirmed,
    context(facts.join(' · ')),
    buttons(buttonsFor(story, unconfirmed.length > 0)),
  ]);
}

function buttonsFor({ incident }: IncidentStory, asksToConfirm: boolean): readonly ButtonDraft[] {
  const button = (label: string, change: keyof typeof INCIDENT_ACTIONS): ButtonDraft => ({
    label,
    action: INCIDENT_ACTIONS[change],
    value: incident.token,
  });
  switch (incident.state) {
    case 'firing':
      return [button('Acknowledge', 'acknowledge'), button('Resolve', 'resolve'), ...rerun(), ...confirm()];
    case 'acknowledged':
    case 'mitigated':
      return [button('Resolve', 'resolve'), ...rerun(), ...confirm()];
    case 'resolved':
      return [button('Reopen', 'reopen')];
    default:
      return incident.state satisfies never;
  }
  function confirm(): readonly ButtonDraft[] {
    return asksToConfirm ? [button('Confirm', 'confirm')] : [];
  }
  function rerun(): readonly ButtonDraft[] {
    return incident.runbookHash === null ? [] : [button('Re-run', 'rerun')];
  }
}
