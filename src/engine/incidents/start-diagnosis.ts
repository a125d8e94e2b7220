/** The diagnosis of an incident: begun right after it is told, and again whenever somebody asks. */
import { incidentId } from '../../domain/ids.ts';
import { ALERT } from '../../domain/person.ts';
import { readAlerts } from '../../journal/alerts.ts';
import { TAMPERED } from '../../journal/audit-chain.ts';
import { dueDiagnoses, takeDiagnosis } from '../../journal/diagnoses.ts';
import { readIncident } from '../../journal/incidents.ts';
import { relatedIncidents } from '../../journal/related-incidents.ts';
import { isHeld } from '../../journal/storms.ts';
import { pinnedOrNull } from '../core/definitions.ts';
import type { Engine } from '../core/engine.ts';
import { incidentMessage } from '../core/messages.ts';
import { type Draft, perform } from '../core/perform.ts';
import { sayTampered } from '../core/tampered.ts';
import { startEscalation } from '../escalation/escalate.ts';
import { startRun } from '../runs/start-run.ts';
import { wantIncidentPicture } from './want-picture.ts';

/** More threads than this are not brought up to date for one that joins them. */
const MOST_RELATED = 10;

/** Begins it if it has not begun. */
export async function startDiagnosis(engine: Engine, id: number): Promise<void> {
  await perform(engine, async (draft) => {
    if (!(await takeDiagnosis(draft.tx, id))) return;
    draft.want(incidentMessage(engine, id, 'diagnosis'));
    // Those that came with it name it from now on; where there are many, the first ones do.
    const related = await relatedIncidents(draft.tx, id, MOST_RELATED + 1);
    if (related.length <= MOST_RELATED)
      draft.want(...related.map((other) => incidentMessage(engine, other.id, 'diagnosis')));
    const incident = await readIncident(draft.tx, id);
    if (incident === null || incident.state === 'resolved') return;
    await startEscalation(engine, draft, id, 'unless-begun');
    await diagnoseAgain(engine, draft, id, ALERT);
  });
}

/** Those that a process which died meanwhile has left. */
export async function startLeftDiagnoses(engine: Engine): Promise<void> {
  engine.diagnose(await dueDiagnoses(engine.journal.pool));
}

/** Runs the incident's diagnosis, with the definition it was opened with. One that is only named in a storm waits for its thread. */
export async function diagnoseAgain(
  engine: Engine,
  draft: Draft,
  id: number,
  askedBy: string,
): Promise<void> {
  if (await isHeld(draft.tx, id)) return;
  const incident = await readIncident(draft.tx, id);
  if (incident === null) return;
  const runbook = await pinnedOrNull(draft.tx, incident.runbookHash);
  const { alerts } = await readAlerts(draft.tx, id);
  await wantIncidentPicture(
    engine,
    draft,
    { ...incident, generatorUrl: alerts[0]?.generatorUrl ?? '' },
    runbook,
  );
  if (runbook === null && incident.runbookHash !== null) {
    const why = 'its runbook is not as it was kept';
    draft.event(id, 'pageturner', sayTampered(why));
    draft.audit({ kind: TAMPERED, actor: 'pageturner', subject: incidentId(id), payload: { why } });
  }
  if (runbook === null) return;
  const { service } = incident;
  await startRun(engine, draft, {
    incidentId: id,
    kind: 'diagnosis',
    runbook,
    service,
    askedBy,
    title: 'Diagnosis',
  });
  draft.want(incidentMessage(engine, id, 'diagnosis'), incidentMessage(engine, id, 'root'));
}
