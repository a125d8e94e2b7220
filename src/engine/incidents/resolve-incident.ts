/** An incident ends: what still waits for a decision is over with it. */
import { isStepwise } from '../../domain/lives.ts';
import { endAllAlerts } from '../../journal/alerts.ts';
import { lockIncident, moveIncident } from '../../journal/incidents.ts';
import { endReadings } from '../../journal/readings.ts';
import { moveRequest, readRequests } from '../../journal/requests.ts';
import { endRun, readRuns } from '../../journal/runs.ts';
import { cancelStep, readSteps } from '../../journal/steps.ts';
import type { Engine } from '../core/engine.ts';
import { incidentMessage } from '../core/messages.ts';
import type { Draft } from '../core/perform.ts';
import { stopEscalation } from '../escalation/escalate.ts';

/** Does nothing to one that is resolved already. Actions under way are let finish. */
export async function resolveIncident(
  engine: Engine,
  draft: Draft,
  id: number,
  by: string,
): Promise<boolean> {
  const incident = await lockIncident(draft.tx, id);
  if (incident === null || incident.state === 'resolved') return false;
  await draft.write(moveIncident(id, [incident.state], 'resolved', by));
  await draft.write(endAllAlerts(id));
  await draft.write(endReadings(id));
  draft.event(id, by, 'resolved');
  await stopEscalation(engine, draft, 'incident', id);
  const runs = (await readRuns(draft.tx, id)).filter(
    (run) => run.state === 'running' && isStepwise(run.kind),
  );
  const steps = await readSteps(
    draft.tx,
    runs.map((run) => run.id),
  );
  const waiting = steps.filter(
    (step) =>
      step.state === 'pending' ||
      step.state === 'waiting' ||
      (step.state === 'running' && step.type === 'probe'),
  );
  const requests = await readRequests(
    draft.tx,
    waiting.map((step) => step.id),
  );
  for (const request of requests) {
    if (request.state !== 'open' && request.state !== 'approved') continue;
    await draft.write(
      moveRequest(request.id, [request.state], 'expired', { reason: 'the incident was resolved' }),
    );
    draft.audit({
      kind: 'request.expired',
      actor: by,
      subject: `STEP-${request.stepId}`,
      payload: { digest: request.digest, why: 'the incident was resolved', incident: `INC-${id}` },
    });
  }
  for (const step of waiting) {
    await draft.write(
      cancelStep(step.id, ['pending', 'waiting', 'running'], {
        how: 'cancelled',
        why: 'the incident was resolved',
      }),
    );
    draft.want(incidentMessage(engine, id, `step-${step.id}`));
  }
  const acting = new Set(
    steps.filter((step) => step.state === 'running' && step.type === 'action').map((step) => step.runId),
  );
  for (const run of runs) if (!acting.has(run.id)) await draft.write(endRun(run.id, 'cancelled'));
  draft.want(
    incidentMessage(engine, id, 'root'),
    incidentMessage(engine, id, 'diagnosis'),
    incidentMessage(engine, id, 'closing'),
  );
  return true;
}
