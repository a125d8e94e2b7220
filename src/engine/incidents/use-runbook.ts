/** Several runbooks match an alert: the most specific is taken, and a person may take another one instead. */
import { bindRunbook } from '../../domain/bind-runbook.ts';
import { incidentId } from '../../domain/ids.ts';
import type { Runbook } from '../../domain/runbook.ts';
import { changeRunbook, type IncidentRow, lockIncident } from '../../journal/incidents.ts';
import type { Answer } from '../core/answer.ts';
import { notAMember } from '../core/authority.ts';
import { findSystem, pinRunbook } from '../core/definitions.ts';
import type { Engine } from '../core/engine.ts';
import { incidentMessage } from '../core/messages.ts';
import { type Draft, perform } from '../core/perform.ts';
import { diagnoseAgain } from './start-diagnosis.ts';

/**
 * Anyone in the channel but a guest or a bot; only one that was offered. Its diagnosis runs at once. What the runbook
 * before has begun goes on as it began, and so does an escalation: changing runbooks calls nobody later.
 */
export async function useRunbook(
  engine: Engine,
  ask: { readonly incidentId: number; readonly runbookId: string; readonly person: string },
): Promise<Answer> {
  const refused = await notAMember(engine, ask.person);
  if (refused !== null) return refused;
  const { person, runbookId } = ask;
  const name = incidentId(ask.incidentId);
  return perform(engine, async (draft): Promise<Answer> => {
    const incident = await lockIncident(draft.tx, ask.incidentId);
    if (incident === null) return { ok: false, text: `unknown request: there is no ${name}.` };
    if (incident.state === 'resolved') return { ok: false, text: `${name} is resolved: reopen it first.` };
    if (incident.runbookId === runbookId)
      return { ok: false, text: `This was already decided: ${name} uses \`${runbookId}\`.` };
    const system = findSystem(engine, runbookId.split('/')[0] ?? '');
    const runbook = system?.runbooks.find(({ id }) => id === runbookId);
    if (system === null || runbook === undefined || !incident.otherRunbooks.includes(runbookId))
      return { ok: false, text: `That runbook is not offered for ${name}, or the catalog no longer has it.` };
    return takeRunbook(engine, draft, incident, runbook, person);
  });
}

/** The incident's runbook is this one from now on, whether it was offered or not. */
export async function takeRunbook(
  engine: Engine,
  draft: Draft,
  incident: IncidentRow,
  runbook: Runbook,
  person: string,
): Promise<Answer> {
  const { id: runbookId, system: name } = runbook;
  const system = findSystem(engine, name);
  if (system === null) return { ok: false, text: `The catalog no longer has the system ${name}.` };
  const { alertname, service } = incident;
  const labels = { alertname, ...(service === null ? {} : { service }) };
  const hash = await pinRunbook(draft, bindRunbook(runbook, system, service, labels));
  const before = incident.runbookId === null ? [] : [incident.runbookId];
  const others = [...before, ...incident.otherRunbooks.filter((id) => id !== runbookId)];
  await draft.write(changeRunbook(incident, { id: runbookId, hash, system: system.name, others }));
  draft.event(
    incident.id,
    person,
    `uses the runbook ${runbookId} instead of ${incident.runbookId ?? 'none'}`,
  );
  draft.audit({
    kind: 'incident.runbook',
    actor: person,
    subject: incidentId(incident.id),
    payload: { before: incident.runbookId, runbook: runbookId, definition: hash },
  });
  await diagnoseAgain(engine, draft, incident.id, person);
  draft.want(incidentMessage(engine, incident.id, 'root'), incidentMessage(engine, incident.id, 'diagnosis'));
  return { ok: true, text: `${incidentId(incident.id)} uses \`${runbookId}\` now; its diagnosis runs.` };
}
