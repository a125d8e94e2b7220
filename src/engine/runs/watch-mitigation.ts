/** Reads an incident's alerts again until it is resolved: the only place that calls it mitigated, or firing again. */
import { type AlertsVerdict, judgeAlerts, mitigates, moveAfter } from '../../domain/judge-alerts.ts';
import { type IncidentRow, lockIncident, moveIncident, readIncident } from '../../journal/incidents.ts';
import {
  endReadings,
  firingAlerts,
  hasActed,
  keepReading,
  readReading,
  takeReadings,
} from '../../journal/readings.ts';
import { checkCondition } from '../checks/check-condition.ts';
import { readExpressions } from '../checks/read-expressions.ts';
import { pinnedRunbook } from '../core/definitions.ts';
import { each } from '../core/each.ts';
import type { Engine } from '../core/engine.ts';
import { incidentMessage } from '../core/messages.ts';
import { type Draft, perform } from '../core/perform.ts';
import { startEscalation, stopEscalation } from '../escalation/escalate.ts';
import { UNDO_OPTION } from './advance-run.ts';

/** Incidents read side by side in one pass; the others' turn is the next one. */
const AT_ONCE = 20;
/** Alerts of one incident; of more, any series of their expressions counts. */
const MOST_ALERTS = 1000;

/** One pass of the reconciler: what is due is read, once in `conditionEveryMs`, by one process. */
export async function watchMitigations(engine: Engine): Promise<void> {
  if (engine.settings.role === 'gateway') return;
  const ids = await takeReadings(engine.journal.pool, engine.settings.conditionEveryMs, AT_ONCE);
  await each(ids, (id) => readAgain(engine, id));
}

async function readAgain(engine: Engine, id: number): Promise<void> {
  const { pool } = engine.journal;
  const incident = await readIncident(pool, id);
  if (incident === null || incident.state === 'resolved')
    return perform(engine, (draft) => draft.write(endReadings(id)));
  const { verdict, seen } = await read(engine, incident);
  await perform(engine, (draft) => conclude(engine, draft, id, verdict, seen));
}

async function read(
  engine: Engine,
  incident: IncidentRow,
): Promise<{ readonly verdict: AlertsVerdict; readonly seen: boolean }> {
  const { pool } = engine.journal;
  const [before, alerts, runbook] = await Promise.all([
    readReading(pool, incident.id),
    firingAlerts(pool, incident.id, MOST_ALERTS),
    incident.runbookHash === null ? null : pinnedRunbook(pool, incident.runbookHash),
  ]);
  const { system } = incident;
  const isCut = incident.truncated > 0 || alerts.length === MOST_ALERTS;
  const [expressions, condition] = await Promise.all([
    readExpressions(engine, { system, alerts, isCut, seen: before?.seen ?? false }),
    runbook === null || !mitigates(runbook.condition)
      ? null
      : checkCondition(engine, runbook.system, runbook.condition),
  ]);
  const verdict = judgeAlerts(
    expressions,
    condition === null ? null : { ...condition, isDown: condition.finding.state === 'down' },
  );
  return { verdict, seen: expressions.some(({ kind }) => kind === 'true') };
}

async function conclude(
  engine: Engine,
  draft: Draft,
  id: number,
  verdict: AlertsVerdict,
  seen: boolean,
): Promise<void> {
  const incident = await lockIncident(draft.tx, id);
  if (incident === null || incident.state === 'resolved') return;
  const before = await readReading(draft.tx, id);
  const acted = await hasActed(draft.tx, id, UNDO_OPTION);
  const goneForMs = await keepReading(draft.tx, id, engine.redact(verdict), seen);
  const everyMs = engine.settings.conditionEveryMs;
  const move = moveAfter(incident.state, verdict, { goneForMs, everyMs, acted });
  // The figures of a message that says the same stay as they were: an edit every half minute tells nobody anything.
  if (acted && (move !== null || before?.verdict !== verdict.verdict))
    draft.want(incidentMessage(engine, id, 'recovery'));
  switch (move) {
    case 'mitigated':
      await draft.write(moveIncident(id, ['firing', 'acknowledged'], 'mitigated', 'pageturner'));
      await stopEscalation(engine, draft, 'incident', id);
      draft.event(id, 'pageturner', `mitigated: ${verdict.says}`);
      return draft.want(incidentMessage(engine, id, 'root', 'urgent'));
    case 'firing':
      await draft.write(moveIncident(id, ['mitigated'], 'firing', 'pageturner'));
      await startEscalation(engine, draft, id);
      draft.event(id, 'pageturner', `firing again: ${verdict.says}`);
      return draft.want(incidentMessage(engine, id, 'root', 'urgent'));
    case null:
      if (acted && before?.verdict !== verdict.verdict)
        draft.event(id, 'pageturner', sayUnmoved(incident, verdict));
      return;
    default:
      return move satisfies never;
  }
}

function sayUnmoved({ state }: IncidentRow, { verdict, says }: AlertsVerdict): string {
  const reading = {
    still: 'still true',
    gone: 'gone, read once',
    unknown: 'nobody knows whether it is gone',
  }[verdict];
  return `still ${state}: ${reading}${says === '' ? '' : `: ${says}`}`;
}
