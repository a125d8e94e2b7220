/** Everything a view of an incident shows, read in one go. */
import type { Runbook } from '../domain/runbook.ts';
import { auditHead } from '../journal/audit-chain.ts';
import {
  type AlertRow,
  type EventRow,
  type IncidentRow,
  readAlerts,
  readEvents,
  readIncident,
} from '../journal/incidents.ts';
import type { Tx } from '../journal/open-journal.ts';
import { type ExecutionRow, type RequestRow, readExecutions, readRequests } from '../journal/requests.ts';
import { type RunRow, readRuns, readSteps, type StepRow } from '../journal/runs.ts';
import { pinnedRunbook } from './definitions.ts';

export interface IncidentStory {
  readonly incident: IncidentRow;
  readonly runbook: Runbook | null;
  readonly alerts: readonly AlertRow[];
  readonly alertCount: number;
  readonly firingCount: number;
  readonly runs: readonly RunRow[];
  readonly steps: readonly StepRow[];
  readonly requests: readonly RequestRow[];
  readonly executions: readonly ExecutionRow[];
  readonly events: readonly EventRow[];
  readonly head: { readonly seq: number; readonly hash: string };
}

/** `parts` spares reads that a view doesn't need. */
export async function readIncidentStory(
  tx: Tx,
  id: number,
  parts: 'root' | 'all',
): Promise<IncidentStory | null> {
  const [incident, { alerts, total, firing }] = await Promise.all([readIncident(tx, id), readAlerts(tx, id)]);
  if (incident === null) return null;
  const bare = {
    incident,
    runbook:
      incident.runbookHash === null || parts === 'root'
        ? null
        : await pinnedRunbook(tx, incident.runbookHash),
    alerts,
    alertCount: total,
    firingCount: firing,
  };
  if (parts === 'root') {
    return {
      ...bare,
      runs: [],
      steps: [],
      requests: [],
      executions: [],
      events: [],
      head: { seq: 0, hash: '' },
    };
  }
  const runs = await readRuns(tx, id);
  const steps = await readSteps(
    tx,
    runs.map((run) => run.id),
  );
  const actions = steps.filter((step) => step.type === 'action').map((step) => step.id);
  return {
    ...bare,
    runs,
    steps,
    requests: await readRequests(tx, actions),
    executions: await readExecutions(tx, actions),
    events: await readEvents(tx, id),
    head: await auditHead(tx),
  };
}
