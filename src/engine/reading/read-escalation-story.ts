/** What a message that calls somebody shows. */
import { type EscalationRow, readEscalation } from '../../journal/escalations.ts';
import { readIncident } from '../../journal/incidents.ts';
import type { Tx } from '../../journal/open-journal.ts';
import { lookUpRequest } from '../../journal/requests.ts';
import { readRun } from '../../journal/runs.ts';
import { readStep } from '../../journal/steps.ts';

export interface EscalationStory {
  readonly row: EscalationRow;
  /** The state of the incident, or of the request. */
  readonly state: string;
  /** The step that waits, for a request. */
  readonly stepId: number | null;
  readonly title: string;
  readonly answeredBy: string | null;
}

export async function readEscalationStory(tx: Tx, id: number): Promise<EscalationStory | null> {
  const row = await readEscalation(tx, id);
  if (row === null) return null;
  if (row.surface === 'incident') {
    const incident = await readIncident(tx, row.subject);
    if (incident === null) return null;
    const { state, alertname, acknowledgedBy, resolvedBy } = incident;
    const answeredBy = state === 'resolved' ? resolvedBy : state === 'acknowledged' ? acknowledgedBy : null;
    return { row, state, stepId: null, title: alertname, answeredBy };
  }
  const request = await lookUpRequest(tx, row.subject);
  const step = request === null ? null : await readStep(tx, request.stepId);
  const run = step === null ? null : await readRun(tx, step.runId);
  if (request === null || run === null) return null;
  const last = request.decisions.at(-1)?.person ?? null;
  const answeredBy = request.state === 'approved' || request.state === 'denied' ? last : null;
  return { row, state: request.state, stepId: request.stepId, title: run.title, answeredBy };
}
