/** Everything a view of an incident shows, read in one go. */
import type { Runbook } from '../../domain/runbook.ts';
import { type AlertRow, readAlerts } from '../../journal/alerts.ts';
import { auditHead } from '../../journal/audit-chain.ts';
import { type ExecutionRow, readExecutions } from '../../journal/executions.ts';
import { type EventRow, type IncidentRow, readEvents, readIncident } from '../../journal/incidents.ts';
import type { Tx } from '../../journal/open-journal.ts';
import { type ShownPicture, shownPicture } from '../../journal/pictures.ts';
import { type ReadingRow, readReading } from '../../journal/readings.ts';
import { type RelatedIncident, relatedIncidents } from '../../journal/related-incidents.ts';
import { type RequestRow, readRequests } from '../../journal/requests.ts';
import { type RunRow, readRuns, readWithChecks } from '../../journal/runs.ts';
import { readSteps, type StepRow } from '../../journal/steps.ts';
import { pinnedOrNull } from '../core/definitions.ts';

/** Runs with all that belongs to them: what views of steps need, of an incident or of a run by hand. */
export interface RunParts {
  /** Left out: runs by hand, of no incident. */
  readonly incident?: IncidentRow;
  readonly runs: readonly RunRow[];
  readonly steps: readonly StepRow[];
  readonly requests: readonly RequestRow[];
  readonly executions: readonly ExecutionRow[];
  readonly head: { readonly seq: number; readonly hash: string };
}

export interface IncidentStory extends RunParts {
  readonly incident: IncidentRow;
  readonly runbook: Runbook | null;
  readonly alerts: readonly AlertRow[];
  readonly alertCount: number;
  readonly firingCount: number;
  readonly events: readonly EventRow[];
  /** That came with it, or within a minute on its system; a few of them. */
  readonly related: readonly RelatedIncident[];
  /** Of the diagnosis. */
  readonly picture: ShownPicture | null;
  /** What its alerts say now; null: nothing was asked for it, so they were not read again. */
  readonly reading: ReadingRow | null;
}

/** Of an incident's alerts and of those that came with it: what a message can name. */
const ALERTS_READ = 50;
const RELATED_READ = 50;
const NO_HEAD = { seq: 0, hash: '' };

/** `parts` spares reads that a view doesn't need; `thread` is without the timeline. */
export async function readIncidentStory(
  tx: Tx,
  id: number,
  parts: 'root' | 'thread' | 'all',
): Promise<IncidentStory | null> {
  const [incident, { alerts, total, firing }, related] = await Promise.all([
    readIncident(tx, id),
    readAlerts(tx, id, parts === 'root' ? 1 : ALERTS_READ),
    parts === 'root' ? [] : relatedIncidents(tx, id, RELATED_READ),
  ]);
  if (incident === null) return null;
  const bare = {
    incident,
    runbook: parts === 'root' ? null : await pinnedOrNull(tx, incident.runbookHash),
    alerts,
    alertCount: total,
    firingCount: firing,
    related,
  };
  if (parts === 'root') {
    return {
      ...bare,
      runs: [],
      steps: [],
      requests: [],
      executions: [],
      events: [],
      picture: null,
      reading: null,
      head: NO_HEAD,
    };
  }
  return {
    ...bare,
    ...(await readParts(tx, await readRuns(tx, id), parts === 'all')),
    events: parts === 'all' ? await readEvents(tx, id) : [],
    reading: await readReading(tx, id),
    picture: await shownPicture(tx, { surface: 'incident', subject: id, slot: 'diagnosis' }),
  };
}

/** A run by hand, and the check after it; null: there is none. */
export async function readRunStory(tx: Tx, id: number): Promise<RunParts | null> {
  const runs = await readWithChecks(tx, id);
  return runs.length === 0 ? null : readParts(tx, runs, true);
}

/** Without an action nothing was requested or executed, and no view of a step names the audit log's head. */
async function readParts(tx: Tx, runs: readonly RunRow[], withHead: boolean): Promise<RunParts> {
  const steps = await readSteps(
    tx,
    runs.map((run) => run.id),
  );
  const actions = steps.filter((step) => step.type === 'action').map((step) => step.id);
  const acts = actions.length > 0;
  return {
    runs,
    steps,
    requests: acts ? await readRequests(tx, actions) : [],
    executions: acts ? await readExecutions(tx, actions) : [],
    head: acts || withHead ? await auditHead(tx) : NO_HEAD,
  };
}
