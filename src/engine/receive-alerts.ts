/** An alert group arrives: the incident it belongs to is opened, joined, reopened or resolved, in one transaction. */
import { chooseRunbook } from '../domain/matchers.ts';
import { type AlertIn, type Destination, type Reception, receive } from '../domain/receive.ts';
import { noteSeen } from '../journal/heartbeats.ts';
import {
  countFiring,
  endAlerts,
  insertIncident,
  moveIncident,
  nextId,
  readIncident,
  readKnown,
  rememberEarlyEnds,
  upsertAlerts,
} from '../journal/incidents.ts';
import { pinRunbook } from './definitions.ts';
import type { Engine } from './engine.ts';
import { startEscalation } from './escalate.ts';
import { incidentMessage } from './messages.ts';
import { type Draft, perform } from './perform.ts';
import { resolveIncident } from './resolve-incident.ts';
import { startRun } from './start-run.ts';

export interface AlertGroup {
  readonly groupKey: string;
  readonly alerts: readonly AlertIn[];
  readonly commonLabels: Readonly<Record<string, string>>;
  readonly commonAnnotations: Readonly<Record<string, string>>;
  readonly externalUrl: string;
  /** How many alerts Alertmanager left out. */
  readonly truncated: number;
}

/** Returns once the group is in the journal; the ids of the incidents it touched. */
export function receiveAlerts(engine: Engine, group: AlertGroup): Promise<readonly number[]> {
  if (isWatchdog(group)) return noteHeartbeat(engine, group);
  return perform(engine, async (draft) => {
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
}

/** The alert that always fires says that the way from Prometheus to here is whole; it is no incident. */
const WATCHDOG = 'Watchdog';

const isWatchdog = (group: AlertGroup): boolean =>
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
      await diagnoseAgain(engine, draft, destination.id, 'alert');
      return destination.id;
    }
    case 'incident': {
      await draft.write(upsertAlerts(destination.id, alerts));
      if (isNew) {
        draft.event(destination.id, 'Alertmanager', `${alerts.length} more alert(s) of the group`);
        const incident = await readIncident(draft.tx, destination.id, true);
        if (incident?.state === 'mitigated') {
          await draft.write(moveIncident(destination.id, ['mitigated'], 'firing', 'Alertmanager'));
          await startEscalation(engine, draft, destination.id);
        }
      }
      return destination.id;
    }
    default:
      return destination satisfies never;
  }
}

/** Labels from the group where they are common, else from its first alert. */
async function openIncident(
  engine: Engine,
  draft: Draft,
  group: AlertGroup,
  alerts: readonly AlertIn[],
): Promise<number> {
  const labels = { ...alerts[0]?.labels, ...group.commonLabels };
  const annotations = { ...alerts[0]?.annotations, ...group.commonAnnotations };
  const choice = chooseRunbook(engine.catalog, labels);
  const id = await nextId(draft.tx, 'incidents');
  const system = labels.system ?? choice?.runbook.system ?? null;
  await draft.write(
    insertIncident({
      id,
      system,
      service: labels.service ?? null,
      alertname: labels.alertname ?? 'unnamed alert',
      severity: labels.severity ?? 'unknown',
      groupKey: group.groupKey,
      summary: engine.redact(annotations.summary ?? annotations.description ?? ''),
      externalUrl: group.externalUrl,
      runbookId: choice?.runbook.id ?? null,
      runbookHash: choice === null ? null : await pinRunbook(draft, choice.runbook),
      otherRunbooks: choice?.others.map((runbook) => runbook.id) ?? [],
      truncated: group.truncated,
    }),
  );
  await draft.write(upsertAlerts(id, engine.redact(alerts)));
  await startEscalation(engine, draft, id);
  draft.event(
    id,
    'Alertmanager',
    `${labels.alertname ?? 'alert'} fires (${labels.severity ?? 'no severity'})`,
  );
  draft.want(incidentMessage(engine, id, 'root', labels.severity === 'critical'));
  draft.want(incidentMessage(engine, id, 'diagnosis'));
  if (choice !== null) {
    const { runbook } = choice;
    await startRun(engine, draft, {
      incidentId: id,
      kind: 'diagnosis',
      runbook,
      service: labels.service ?? null,
      askedBy: 'alert',
      title: 'Diagnosis',
    });
  }
  return id;
}

/** Runs the incident's diagnosis once more, with the definition it was opened with. */
export async function diagnoseAgain(
  engine: Engine,
  draft: Draft,
  id: number,
  askedBy: string,
): Promise<void> {
  const incident = await readIncident(draft.tx, id);
  const runbook = engine.catalog.systems
    .flatMap((system) => system.runbooks)
    .find((candidate) => candidate.id === incident?.runbookId);
  if (runbook === undefined) return;
  const service = incident?.service ?? null;
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
