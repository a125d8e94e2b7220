/** Somebody wants the next person called now, without waiting for the runbook's time. */
import { incidentId as incidentName } from '../../domain/ids.ts';
import { lockIncident } from '../../journal/incidents.ts';
import { setTimer } from '../../journal/timers.ts';
import type { Answer } from '../core/answer.ts';
import { notAMember } from '../core/authority.ts';
import type { Engine } from '../core/engine.ts';
import { perform } from '../core/perform.ts';
import { escalateIncident } from './escalate.ts';

export async function escalateNow(engine: Engine, incidentId: number, person: string): Promise<Answer> {
  const refused = await notAMember(engine, person);
  if (refused !== null) return refused;
  const name = incidentName(incidentId);
  const asked = await perform(engine, async (draft): Promise<Answer> => {
    const incident = await lockIncident(draft.tx, incidentId);
    if (incident === null) return { ok: false, text: `unknown request: there is no ${name}.` };
    if (incident.state !== 'firing' && incident.state !== 'acknowledged')
      return { ok: false, text: `${name} is ${incident.state}: nobody is called. Reopen it first.` };
    await draft.write(setTimer('incident.escalate', incidentId, 0));
    draft.event(incidentId, person, 'escalated it by hand');
    draft.audit({ kind: 'incident.escalated', actor: person, subject: name, payload: {} });
    return { ok: true, text: `${name} is escalated: the next person is called.` };
  });
  if (asked.ok) await escalateIncident(engine, incidentId);
  return asked;
}
