/** A thread of its own for an incident that is only named in a storm; its diagnosis begins with it. */
import { incidentId } from '../../domain/ids.ts';
import { lockIncident, readIncident } from '../../journal/incidents.ts';
import { claimThread } from '../../journal/storms.ts';
import type { Answer } from '../core/answer.ts';
import { notAMember } from '../core/authority.ts';
import type { Engine } from '../core/engine.ts';
import { incidentMessage } from '../core/messages.ts';
import { type Draft, perform } from '../core/perform.ts';
import { startEscalation } from '../escalation/escalate.ts';
import { diagnoseAgain } from './start-diagnosis.ts';

/** Anyone in the channel but a guest or a bot. */
export async function openThread(engine: Engine, id: number, person: string): Promise<Answer> {
  const refused = await notAMember(engine, person);
  if (refused !== null) return refused;
  const name = incidentId(id);
  return perform(engine, async (draft): Promise<Answer> => {
    const incident = await lockIncident(draft.tx, id);
    if (incident === null) return { ok: false, text: `unknown request: there is no ${name}.` };
    const opened = await giveThread(engine, draft, id, person, person);
    return opened
      ? { ok: true, text: `${name} gets a thread of its own, with its diagnosis.` }
      : { ok: false, text: `${name} has a thread of its own already.` };
  });
}

/** `askedBy`: whose diagnosis it is. Whether it had none. A resolved one is shown as it is, without asking anything. */
export async function giveThread(
  engine: Engine,
  draft: Draft,
  id: number,
  by: string,
  askedBy: string,
): Promise<boolean> {
  if (!(await claimThread(draft.tx, id, by))) return false;
  const incident = await readIncident(draft.tx, id);
  draft.event(id, by, 'got a thread of its own');
  draft.want(incidentMessage(engine, id, 'root', 'urgent'), incidentMessage(engine, id, 'diagnosis'));
  if (incident?.state === 'firing') await startEscalation(engine, draft, id);
  if (incident?.state !== 'resolved') await diagnoseAgain(engine, draft, id, askedBy);
  else draft.want(incidentMessage(engine, id, 'closing'));
  return true;
}
