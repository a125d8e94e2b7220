/**
 * What makes the loss of the queue, of a worker or of a wake harmless: the journal says what is due, and every process
 * looks. A row that can't be dealt with holds up no other, and neither does a chore.
 */
import { lostExecutions } from '../../journal/executions.ts';
import { overdueHealthParts } from '../../journal/health.ts';
import { releaseProbeSteps } from '../../journal/probe-steps.ts';
import { wakeOverdue } from '../../journal/steps.ts';
import { type DueTimer, dueTimers } from '../../journal/timers.ts';
import { expireRequest } from '../changes/expire-request.ts';
import { interruptExecution } from '../changes/interrupt-execution.ts';
import { each } from '../core/each.ts';
import type { Engine } from '../core/engine.ts';
import { escalateIncident, remindOfRequest, startLeftEscalations } from '../escalation/escalate.ts';
import { sendPages } from '../escalation/send-pages.ts';
import { startLeftDiagnoses } from '../incidents/start-diagnosis.ts';
import { keepStorms } from '../intake/keep-storms.ts';
import { watchAbsences } from '../intake/watch-absences.ts';
import { maintenanceIsOver } from '../maintenance/maintain.ts';
import { setSilences } from '../maintenance/set-silences.ts';
import { watchMitigations } from '../runs/watch-mitigation.ts';
import type { Chore } from './keep-chore.ts';

/** How long a woken step may stay untouched before it is woken again. */
const WAKE_AGAIN_MS = 5000;

const EVERY_MS = 1000;
/** Longer than a statement and a lost connection may take, and longer than one attempt to page or to set a silence. */
const WITHIN_MS = 60_000;

/** What each looks for. Those that ask others outside are given an engine whose signal ends with their pass. */
const LOOKS = {
  timers: async (engine) => each(await dueTimers(engine.journal.pool), (timer) => onTimer(engine, timer)),
  'lost-executions': async (engine) =>
    each(await lostExecutions(engine.journal.pool), (lost) =>
      interruptExecution(engine, lost.id, lost.stepId),
    ),
  'released-steps': async (engine) => wake(engine, await releaseProbeSteps(engine.journal.pool)),
  'overdue-steps': async (engine) => wake(engine, await wakeOverdue(engine.journal.pool, WAKE_AGAIN_MS)),
  'overdue-health': async (engine) => {
    const parts = await overdueHealthParts(engine.journal.pool, WAKE_AGAIN_MS);
    if (parts.length > 0) await engine.waker.health(parts);
  },
  diagnoses: startLeftDiagnoses,
  escalations: startLeftEscalations,
  pages: sendPages,
  readings: watchMitigations,
  silences: setSilences,
  absences: watchAbsences,
  storms: keepStorms,
} as const satisfies Readonly<Record<string, (engine: Engine) => Promise<void>>>;

export function choresOf(engine: Engine): readonly Chore[] {
  return Object.entries(LOOKS).map(([name, look]) => ({
    name,
    everyMs: EVERY_MS,
    withinMs: WITHIN_MS,
    run: (signal) => look({ ...engine, signal }),
  }));
}

async function wake(engine: Engine, wakes: Parameters<Engine['waker']['steps']>[0]): Promise<void> {
  if (wakes.length > 0) await engine.waker.steps(wakes);
}

function onTimer(engine: Engine, { kind, subject }: DueTimer): Promise<void> {
  switch (kind) {
    case 'request.decide':
    case 'request.start':
      return expireRequest(engine, kind, subject);
    case 'request.remind':
      return remindOfRequest(engine, subject);
    case 'incident.escalate':
      return escalateIncident(engine, subject);
    case 'maintenance.end':
      return maintenanceIsOver(engine, subject);
    default:
      return kind satisfies never;
  }
}
