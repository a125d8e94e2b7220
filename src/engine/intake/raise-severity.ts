/** An alert that is worse than those before it joins an incident: that is a new message, and somebody is called. */
import { alertRulesOf, rankOf, severityOf } from '../../domain/alert-rules.ts';
import type { AlertPart } from '../../domain/divide-group.ts';
import { ALERT } from '../../domain/person.ts';
import type { IncidentRow } from '../../journal/incidents.ts';
import { raiseSeverity } from '../../journal/severity-rises.ts';
import type { Engine } from '../core/engine.ts';
import { incidentMessage } from '../core/messages.ts';
import type { Draft } from '../core/perform.ts';
import { startEscalation } from '../escalation/escalate.ts';
import { giveThread } from '../incidents/open-thread.ts';

/** `incident`: as it was before; locked. Its alerts are written. */
export async function riseWith(
  engine: Engine,
  draft: Draft,
  incident: IncidentRow,
  part: AlertPart,
): Promise<void> {
  const rules = alertRulesOf(engine.catalog);
  const to = part.labels.severity || 'unknown';
  if (rankOf(rules, to) >= rankOf(rules, incident.severity)) return;
  const critical = severityOf(rules, to) === 'critical';
  const rise = {
    from: incident.severity,
    to,
    alertname: part.labels.alertname || incident.alertname,
    critical,
  };
  const n = await raiseSeverity(draft.tx, incident.id, rise);
  draft.event(incident.id, 'Alertmanager', `severity rose from ${incident.severity} to ${to}`);
  draft.want(
    incidentMessage(engine, incident.id, 'root', critical ? 'urgent' : 'calm'),
    incidentMessage(engine, incident.id, `rise-${n}`, critical ? 'urgent' : 'calm'),
  );
  if (!critical) return;
  // One that becomes critical in the middle of a storm gets its thread.
  await giveThread(engine, draft, incident.id, 'Alertmanager', ALERT);
  await startEscalation(engine, draft, incident.id, 'unless-running');
}
