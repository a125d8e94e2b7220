/** What people do to an incident by hand: Acknowledge, Resolve, Reopen, Re-run. */
import { incidentId } from '../../domain/ids.ts';
import type { Role } from '../../domain/organisation.ts';
import { type IncidentRow, lockIncident, moveIncident } from '../../journal/incidents.ts';
import { confirmIncident } from '../../journal/open-incidents.ts';
import type { Answer } from '../core/answer.ts';
import { notAMember, whoIs } from '../core/authority.ts';
import type { Engine } from '../core/engine.ts';
import { incidentMessage } from '../core/messages.ts';
import { type Draft, perform } from '../core/perform.ts';
import { startEscalation, stopEscalation } from '../escalation/escalate.ts';
import { resolveIncident } from './resolve-incident.ts';
import { diagnoseAgain } from './start-diagnosis.ts';

export type IncidentChange = 'acknowledge' | 'resolve' | 'reopen' | 'rerun' | 'confirm';

/** Anyone in the channel but a guest or a bot. */
export async function changeIncident(
  engine: Engine,
  id: number,
  change: IncidentChange,
  person: string,
): Promise<Answer> {
  const refused = await notAMember(engine, person);
  if (refused !== null) return refused;
  const roles = change === 'confirm' ? (await whoIs(engine, person)).roles : [];
  return perform(engine, async (draft): Promise<Answer> => {
    const incident = await lockIncident(draft.tx, id);
    const name = incidentId(id);
    if (incident === null) return { ok: false, text: `unknown request: there is no ${name}.` };
    switch (change) {
      case 'acknowledge': {
        if (incident.state !== 'firing')
          return { ok: false, text: `${name} was already decided: it is ${incident.state}.` };
        await draft.write(moveIncident(id, ['firing'], 'acknowledged', person));
        draft.event(id, person, 'acknowledged');
        draft.audit({ kind: 'incident.acknowledged', actor: person, subject: name, payload: {} });
        await stopEscalation(engine, draft, 'incident', id);
        draft.want(incidentMessage(engine, id, 'root'));
        return { ok: true, text: `${name} is acknowledged.` };
      }
      case 'resolve': {
        const done = await resolveIncident(engine, draft, id, person);
        if (done) draft.audit({ kind: 'incident.resolved', actor: person, subject: name, payload: {} });
        return done
          ? { ok: true, text: `${name} is resolved.` }
          : { ok: false, text: `${name} was already decided: it is resolved.` };
      }
      case 'reopen': {
        if (incident.state !== 'resolved')
          return { ok: false, text: `${name} is open: there is nothing to reopen.` };
        await draft.write(moveIncident(id, ['resolved'], 'firing', person));
        draft.event(id, person, 'reopened');
        draft.audit({ kind: 'incident.reopened', actor: person, subject: name, payload: {} });
        await startEscalation(engine, draft, id);
        await diagnoseAgain(engine, draft, id, person);
        draft.want(incidentMessage(engine, id, 'root'));
        return { ok: true, text: `${name} is open again.` };
      }
      case 'rerun': {
        if (incident.state === 'resolved')
          return { ok: false, text: `${name} is resolved: reopen it first.` };
        if (incident.runbookHash === null)
          return { ok: false, text: `${name} has no runbook, and names no system that could be asked.` };
        draft.event(id, person, 'asked for the diagnosis again');
        await diagnoseAgain(engine, draft, id, person);
        return { ok: true, text: `The diagnosis of ${name} runs again.` };
      }
      case 'confirm':
        return confirm(engine, draft, incident, { person, roles });
      default:
        return change satisfies never;
    }
  });
}

/** Somebody with a role, who did not open it, says that it is one: what is done for it is an emergency from now on. */
async function confirm(
  engine: Engine,
  draft: Draft,
  incident: IncidentRow,
  { person, roles }: { readonly person: string; readonly roles: readonly Role[] },
): Promise<Answer> {
  const name = incidentId(incident.id);
  const refuse = (text: string): Answer => ({ ok: false, text });
  if (incident.state === 'resolved') return refuse(`${name} is resolved: reopen it first.`);
  if (incident.openedBy === null)
    return refuse(`${name} was opened by an alert: it needs nobody to confirm it.`);
  if (incident.confirmedBy !== null) return refuse(`${name} was already decided: it is confirmed.`);
  if (incident.openedBy === person)
    return refuse('You are not authorised: you opened it, and a second person must confirm it.');
  if (roles.length === 0)
    return refuse(
      'You are not authorised: the tech lead, somebody on call or the duty officer must confirm it.',
    );
  await draft.write(confirmIncident(incident.id, person));
  draft.event(incident.id, person, 'confirmed that it is an emergency');
  draft.audit({
    kind: 'incident.confirmed',
    actor: person,
    subject: name,
    payload: { openedBy: incident.openedBy, roles },
  });
  draft.want(incidentMessage(engine, incident.id, 'root', 'urgent'));
  return { ok: true, text: `${name} is confirmed.` };
}
