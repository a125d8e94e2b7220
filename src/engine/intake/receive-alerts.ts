/** Alerts arrive: the incidents they belong to are opened, joined, reopened or resolved, in one transaction. */
import { randomUUID } from 'node:crypto';
import { alertRulesOf } from '../../domain/alert-rules.ts';
import { type AlertPart, type DividedGroup, divideGroup, WATCHDOG } from '../../domain/divide-group.ts';
import {
  type AlertGroup,
  type AlertIn,
  type Destination,
  type FiringAlert,
  type Reception,
  receive,
} from '../../domain/receive.ts';
import {
  countFiring,
  endAlerts,
  identityOf,
  lockIntake,
  readKnown,
  rememberEarlyEnds,
  upsertAlerts,
} from '../../journal/alerts.ts';
import { diagnoseReopened, diagnoseSoon, dueAmong } from '../../journal/diagnoses.ts';
import { noteSeen } from '../../journal/heartbeats.ts';
import { countIgnored } from '../../journal/ignored-alerts.ts';
import { lockIncident, moveIncident } from '../../journal/incidents.ts';
import { openIncidents } from '../../journal/open-incidents.ts';
import { Conflict } from '../../journal/open-journal.ts';
import { countFlap } from '../../journal/severity-rises.ts';
import { pinRunbook } from '../core/definitions.ts';
import type { Engine } from '../core/engine.ts';
import { incidentMessage } from '../core/messages.ts';
import { type Draft, perform } from '../core/perform.ts';
import { startEscalation } from '../escalation/escalate.ts';
import { resolveIncident } from '../incidents/resolve-incident.ts';
import { draftIncident } from './draft-incident.ts';
import { riseWith } from './raise-severity.ts';

/** Returns once the group is in the journal; the ids of the incidents it touched. */
export async function receiveAlerts(engine: Engine, group: AlertGroup): Promise<readonly number[]> {
  return receiveDivided(engine, divideGroup(alertRulesOf(engine.catalog), group));
}

export async function receiveDivided(
  engine: Engine,
  divided: Pick<DividedGroup, 'parts'> & Partial<DividedGroup>,
): Promise<readonly number[]> {
  await noteLeftOut(engine, divided);
  const { parts } = divided;
  if (parts.length === 0) return [];
  const arrivedWith = randomUUID();
  const keys = parts.flatMap(keysOf);
  const { ids, due } = await perform(engine, async (draft) => {
    await lockIntake(draft.tx, keys);
    const touched = new Set<number>();
    for (const part of parts)
      for (const id of await receivePart(engine, draft, part, arrivedWith)) touched.add(id);
    return { ids: [...touched], due: await dueAmong(draft.tx, [...touched]) };
  });
  engine.diagnose(due);
  return ids;
}

/** Under these two groups wait for each other. */
export const keysOf = (part: AlertPart): readonly string[] => [
  identityOf(part),
  ...part.alerts.map((alert) => alert.fingerprint),
];

/** What belongs to no incident: the heartbeat, and alerts that a route keeps out. */
export async function noteLeftOut(
  engine: Engine,
  { ignored = [], isWatched = false }: Partial<DividedGroup>,
): Promise<void> {
  const names = ignored
    .filter(({ status }) => status === 'firing')
    .map(({ labels }) => labels.alertname || 'unnamed alert');
  if (!isWatched && names.length === 0) return;
  await perform(engine, async (draft) => {
    if (isWatched) await draft.write(noteSeen(WATCHDOG));
    if (names.length > 0) await draft.write(countIgnored(names));
  });
}

async function receivePart(
  engine: Engine,
  draft: Draft,
  part: AlertPart,
  arrivedWith: string,
): Promise<ReadonlySet<number>> {
  const fingerprints = part.alerts.map((alert) => alert.fingerprint);
  const known = await readKnown(draft.tx, part, fingerprints, engine.settings.reopenWithinMs);
  const reception = receive(part.alerts, known);
  const touched = new Set<number>();
  for (const [destination, entries] of byDestination(reception)) {
    const alerts = entries.map(({ alert }) => overAlready(alert, known.earlyEnds));
    const joining = { part, arrivedWith, alerts, entries };
    touched.add(await takeFiring(engine, draft, destination, joining));
  }
  for (const id of new Set(reception.ended.map((end) => end.incidentId))) {
    const ended = reception.ended.filter((end) => end.incidentId === id).map((end) => end.alert.fingerprint);
    await draft.write(endAlerts(id, ended));
    touched.add(id);
  }
  if (reception.early.length > 0) await draft.write(rememberEarlyEnds(reception.early));
  for (const id of touched) {
    if ((await countFiring(draft.tx, id)) === 0) await resolveIncident(engine, draft, id, 'Alertmanager');
    draft.want(incidentMessage(engine, id, 'root'));
  }
  return touched;
}

function byDestination(reception: Reception): Map<Destination, readonly FiringAlert[]> {
  const groups = new Map<string, [Destination, readonly FiringAlert[]]>();
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

interface Joining {
  readonly part: AlertPart;
  readonly arrivedWith: string;
  readonly alerts: readonly AlertIn[];
  readonly entries: readonly FiringAlert[];
}

async function takeFiring(
  engine: Engine,
  draft: Draft,
  destination: Destination,
  joining: Joining,
): Promise<number> {
  switch (destination.kind) {
    case 'new':
      return openIncident(engine, draft, joining);
    case 'reopen': {
      const { id } = destination;
      await draft.write(moveIncident(id, ['resolved'], 'firing', 'Alertmanager'));
      await draft.write(upsertAlerts(id, engine.redact(joining.alerts)));
      await draft.write(countFlap(id, engine.settings.reopenWithinMs));
      draft.event(id, 'Alertmanager', 'fires again: reopened');
      await startEscalation(engine, draft, id);
      await riseIfWorse(engine, draft, id, joining.part);
      await draft.write(diagnoseReopened(id));
      return id;
    }
    case 'incident':
      return join(engine, draft, destination.id, joining);
    default:
      return destination satisfies never;
  }
}

async function riseIfWorse(engine: Engine, draft: Draft, id: number, part: AlertPart): Promise<void> {
  const incident = await lockIncident(draft.tx, id);
  if (incident !== null) await riseWith(engine, draft, incident, part);
}

async function join(
  engine: Engine,
  draft: Draft,
  id: number,
  { part, alerts, entries }: Joining,
): Promise<number> {
  // Its row before its alerts', as whoever resolves it does: what fires would else be hidden in a closed incident.
  const incident = await lockIncident(draft.tx, id);
  if (incident === null || incident.state === 'resolved') throw new Conflict(`INC-${id}`);
  await draft.write(upsertAlerts(id, engine.redact(alerts)));
  const fresh = entries.filter(({ isNew }) => isNew);
  if (fresh.length === 0) return id;
  draft.event(id, 'Alertmanager', `${fresh.length} more alert(s) of the group`);
  if (incident.state === 'mitigated') {
    await draft.write(moveIncident(id, ['mitigated'], 'firing', 'Alertmanager'));
    await startEscalation(engine, draft, id);
  }
  await riseWith(engine, draft, incident, part);
  // What was never there is looked at; what only comes back is not, or a flapping alert would be asked about all day.
  if (fresh.some(({ isUnseen }) => isUnseen)) {
    await draft.write(diagnoseSoon(id));
    draft.want(incidentMessage(engine, id, 'diagnosis'));
  }
  return id;
}

/** In a storm it has a line in the storm's thread; else a thread of its own, and its diagnosis begins after the commit. */
async function openIncident(
  engine: Engine,
  draft: Draft,
  { part, arrivedWith, alerts }: Joining,
): Promise<number> {
  const { runbook, ...incident } = draftIncident(engine, part, arrivedWith, alerts);
  if (runbook !== null) await pinRunbook(draft, runbook);
  const { stormThreshold: all, stormThresholdUnknown: unknown } = engine.settings;
  const [opened] = await openIncidents(draft.tx, [incident], { all, unknown });
  if (opened === undefined) throw new Error('the journal opened no incident');
  return opened.id;
}
