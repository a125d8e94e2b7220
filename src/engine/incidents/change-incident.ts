/** What people do to an incident by hand: Acknowledge, Resolve, Reopen, Re-run. */
import { incidentId } from '../../domain/ids.ts';
import { moveIncident, readIncident } from '../../journal/incidents.ts';
import type { Answer } from '../core/answer.ts';
import { notAMember } from '../core/authority.ts';
import type { Engine } from '../core/engine.ts';
import { incidentMessage } from '../core/messages.ts';
import { perform } from '../core/perform.ts';
import { startEscalation, stopEscalation } from '../escalation/escalate.ts';
import { resolveIncident } from './resolve-incident.ts';
import { diagnoseAgain } from './start-diagnosis.ts';

export type IncidentChange = 'acknowledge' | 'resolve' | 'reopen' | 'rerun';

/** Anyone in the channel but a guest or a bot. */
export async function changeIncident(
  engine: Engine,
  id: number,
  change: IncidentChange,
  person: string,
): Promise<Answer> {
  const refused = await notAMember(engine, person);
  if (refused !== null) return refused;
  return perform(engine, async (draft): Promise<Answer> => {
    const incident = await readIncident(draft.tx, id, true);
    const name = incidentId(id);
    if (incident === null) return { ok: false, text: `unknown request: there is no ${name}.` };
    switch (change) {
      case 'acknowledge': {
        if (incident.state !== 'firing')
          return { ok: false, text: `${name} was already decided: it is ${incident.state}.` };
        await draft.write(moveIncident(id, ['firing'], 'acknowledged', person));
        draft.event(id, person, 'acknowledged');
        await stopEscalation(engine, draft, 'incident', id);
        draft.want(incidentMessage(engine, id, 'root'));
        return { ok: true, text: `${name} is acknowledged.` };
      }
      case 'resolve': {
        const done = await resolveIncident(engine, draft, id, person);
        return done
          ? { ok: true, text: `${name} is resolved.` }
          : { ok: false, text: `${name} was already decided: it is resolved.` };
      }
      case 'reopen': {
        if (incident.state !== 'resolved')
          return { ok: false, text: `${name} is open: there is nothing to reopen.` };
        await draft.write(moveIncident(id, ['resolved'], 'firing', person));
        draft.event(id, person, 'reopened');
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
      default:
        return change satisfies never;
    }
  });
}
