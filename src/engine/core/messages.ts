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

/** Urgent ones are shown before the others that wait in their channel. */
type Pace = 'urgent' | 'calm';

/** Every thread message hangs on `root`. */
export function incidentMessage(
  engine: Engine,
  incidentId: number,
  slot: Slot,
  pace: Pace = 'calm',
): MessageWant {
  return thread(engine, 'incident', incidentId, slot, pace);
}

/** In the thread of the run's incident, or in the run's own when it was asked for by hand. */
export function runMessage(
  engine: Engine,
  run: Pick<RunRow, 'id' | 'incidentId' | 'afterRun'>,
  slot: Slot,
  pace: Pace = 'calm',
): MessageWant {
  return run.incidentId === null
    ? thread(engine, 'run', run.afterRun ?? run.id, slot, pace)
    : thread(engine, 'incident', run.incidentId, slot, pace);
}

function thread(
  engine: Engine,
  surface: 'incident' | 'run',
  subject: number,
  slot: Slot,
  pace: Pace,
): MessageWant {
  const parent = slot === 'root' ? null : 'root';
  return { surface, subject, slot, channel: engine.settings.opsChannel, parent, urgent: pace === 'urgent' };
}

/** A maintenance has a message in the channel, and its checklist in the thread. */
export function maintenanceMessage(engine: Engine, id: number, slot: 'root' | 'checklist'): MessageWant {
  const parent = slot === 'root' ? null : 'root';
  const channel = engine.settings.opsChannel;
  return { surface: 'maintenance', subject: id, slot, channel, parent, urgent: false };
}
