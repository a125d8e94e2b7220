/** An alert group arrives: the incident it belongs to is opened, joined, reopened or resolved, in one transaction. */

import { ALERT } from '../../domain/person.ts';
import {
  type AlertGroup,
  type AlertIn,
  type Destination,
  type Reception,
  receive,
} from '../../domain/receive.ts';
import { isCritical } from '../../domain/storm.ts';
import { noteSeen } from '../../journal/heartbeats.ts';
import {
  countFiring,
  endAlerts,
  moveIncident,
  readIncident,
  readKnown,
  rememberEarlyEnds,
  upsertAlerts,
} from '../../journal/incidents.ts';
import { openIncidents } from '../../journal/open-incidents.ts';
import { Conflict } from '../../journal/open-journal.ts';
import { pinRunbook } from '../core/definitions.ts';
import type { Engine } from '../core/engine.ts';
import { incidentMessage } from '../core/messages.ts';
import { type Draft, perform } from '../core/perform.ts';
import { startEscalation } from '../escalation/escalate.ts';
import { giveThread } from '../incidents/open-thread.ts';
import { resolveIncident } from '../incidents/resolve-incident.ts';
import { diagnoseAgain } from '../incidents/start-diagnosis.ts';
import { draftIncident } from './draft-incident.ts';

export type { AlertGroup };

/** Returns once the group is in the journal; the ids of the incidents it touched. */
export async function receiveAlerts(engine: Engine, group: AlertGroup): Promise<readonly number[]> {
  if (isWatchdog(group)) return noteHeartbeat(engine, group);
  const ids = await perform(engine, async (draft) => {
    const fingerprints = group.alerts.map((alert) => alert.fingerprint);
    const known = await readKnown(draft.tx, group.groupKey, fingerprints, engine.settings.reopenWithinMs);
    const reception = receive(group.alerts, known);
    const touched = new Set<number>();
    for (const [destination, entries] of byDestination(reception)) {
      const alerts = entries.map(({ alert }) => overAlready(alert, known.earlyEnds));
      const isNew = entries.some((entry) => entry.isNew);
      touched.add(await takeFiring(engine, draft, group, destination, alerts, isNew));
    }
    for (const id of new Set(reception.ended.map((end) => end.incidentId))) {
      const ended = reception.ended
        .filter((end) => end.incidentId === id)
        .map((end) => end.alert.fingerprint);
      await draft.write(endAlerts(id, ended));
      touched.add(id);
    }
    if (reception.early.length > 0) await draft.write(rememberEarlyEnds(reception.early));
    for (const id of touched) {
      if ((await countFiring(draft.tx, id)) === 0) await resolveIncident(engine, draft, id, 'Alertmanager');
      draft.want(incidentMessage(engine, id, 'root'));
    }
    return [...touched];
  });
  engine.diagnose(ids);
  return ids;
}

/** The alert that always fires says that the way from Prometheus to here is whole; it is no incident. */
const WATCHDOG = 'Watchdog';

export const isWatchdog = (group: AlertGroup): boolean =>
  group.alerts.length > 0 && group.alerts.every((alert) => alert.labels.alertname === WATCHDOG);

async function noteHeartbeat(engine: Engine, group: AlertGroup): Promise<readonly number[]> {
  const fires = group.alerts.some((alert) => alert.status === 'firing');
  if (fires) await perform(engine, (draft) => draft.write(noteSeen(WATCHDOG)));
  return [];
}

function byDestination(reception: Reception): Map<Destination, Reception['firing'][number][]> {
  const groups = new Map<string, [Destination, Reception['firing'][number][]]>();
  for (const entry of reception.firing) {
    const key = entry.to.kind === 'new' ? 'new' : `${entry.to.id}`;
    const [, entries] = groups.get(key) ?? [entry.to, []];
    groups.set(key, [entry.to, [...entries, entry]]);
  }
  return new Map(groups.values());
}

/** A beginning that arrives after its end is written as over. */
function overAlready(
  alert: AlertIn,
  ends: readonly { readonly fingerprint: string; readonly startsAt: Date; readonly endsAt: Date }[],
): AlertIn {
  const end = ends.find((e) => e.fingerprint === alert.fingerprint && e.startsAt >= new Date(alert.startsAt));
  return end === undefined ? alert : { ...alert, status: 'resolved', endsAt: end.endsAt.toISOString() };
}

async function takeFiring(
  engine: Engine,
  draft: Draft,
  group: AlertGroup,
  destination: Destination,
  alerts: readonly AlertIn[],
  isNew: boolean,
): Promise<number> {
  switch (destination.kind) {
    case 'new':
      return openIncident(engine, draft, group, alerts);
    case 'reopen': {
      await draft.write(moveIncident(destination.id, ['resolved'], 'firing', 'Alertmanager'));
      await draft.write(upsertAlerts(destination.id, alerts));
      draft.event(destination.id, 'Alertmanager', 'fires again: reopened');
      await startEscalation(engine, draft, destination.id);
      await diagnoseAgain(engine, draft, destination.id, ALERT);
      return destination.id;
    }
    case 'incident': {
      // Its row before its alerts', as whoever resolves it does: what fires would else be hidden in a closed incident.
      const incident = await readIncident(draft.tx, destination.id, true);
      if (incident === null || incident.state === 'resolved') throw new Conflict(`INC-${destination.id}`);
      await draft.write(upsertAlerts(destination.id, alerts));
      if (isNew) {
        draft.event(destination.id, 'Alertmanager', `${alerts.length} more alert(s) of the group`);
        if (incident.state === 'mitigated') {
          await draft.write(moveIncident(destination.id, ['mitigated'], 'firing', 'Alertmanager'));
          await startEscalation(engine, draft, destination.id);
        }
        // A group that turns critical in the middle of a storm gets its thread.
        if (isCritical(alerts.map((alert) => alert.labels)))
          await giveThread(engine, draft, destination.id, 'Alertmanager', ALERT);
      }
      return destination.id;
    }
    default:
      return destination satisfies never;
  }
}

/** In a storm it has a line in the storm's thread; else a thread of its own, and its diagnosis begins after the commit. */
async function openIncident(
  engine: Engine,
  draft: Draft,
  group: AlertGroup,
  alerts: readonly AlertIn[],
): Promise<number> {
  const { runbook, ...incident } = draftIncident(engine, group, alerts);
  if (runbook !== null) await pinRunbook(draft, runbook);
  const { opsChannel, stormThreshold } = engine.settings;
  const [opened] = await openIncidents(draft.tx, [incident], opsChannel, stormThreshold);
  if (opened === undefined) throw new Error('the journal opened no incident');
  return opened.id;
}
