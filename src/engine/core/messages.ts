/** Which messages an incident or a run by hand has, and in which slot. */
import type { MessageWant } from '../../journal/commit.ts';
import type { RunRow } from '../../journal/runs.ts';
import type { Engine } from './engine.ts';

type Slot =
  | 'root'
  | 'diagnosis'
  | 'recovery'
  | 'closing'
  | `rise-${number}`
  | `step-${number}`
  | `escalation-${number}`
  | `run-${number}`
  | `output-${number}`;

/** Every thread message hangs on `root`. */
export function incidentMessage(engine: Engine, incidentId: number, slot: Slot, urgent = false): MessageWant {
  return thread(engine, 'incident', incidentId, slot, urgent);
}

/** In the thread of the run's incident, or in the run's own when it was asked for by hand. */
export function runMessage(
  engine: Engine,
  run: Pick<RunRow, 'id' | 'incidentId' | 'afterRun'>,
  slot: Slot,
  urgent = false,
): MessageWant {
  return run.incidentId === null
    ? thread(engine, 'run', run.afterRun ?? run.id, slot, urgent)
    : thread(engine, 'incident', run.incidentId, slot, urgent);
}

function thread(
  engine: Engine,
  surface: 'incident' | 'run',
  subject: number,
  slot: Slot,
  urgent: boolean,
): MessageWant {
  const parent = slot === 'root' ? null : 'root';
  return { surface, subject, slot, channel: engine.settings.opsChannel, parent, urgent };
}

/** A maintenance has a message in the channel, and its checklist in the thread. */
export function maintenanceMessage(engine: Engine, id: number, slot: 'root' | 'checklist'): MessageWant {
  const parent = slot === 'root' ? null : 'root';
  const channel = engine.settings.opsChannel;
  return { surface: 'maintenance', subject: id, slot, channel, parent, urgent: false };
}
