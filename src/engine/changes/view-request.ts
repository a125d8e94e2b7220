/** A request as the rule of decisions sees it: the journal's row with what the catalog says of its service. */
import { barred, type Cause, type Change, isEmergency } from '../../domain/change-rules.ts';
import type { RequestView } from '../../domain/decide.ts';
import { incidentId } from '../../domain/ids.ts';
import { rulesOf } from '../../domain/organisation.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { Resolved } from '../../domain/resolve-step.ts';
import { dbNow } from '../../journal/clock.ts';
import type { IncidentRow } from '../../journal/incidents.ts';
import type { Tx } from '../../journal/open-journal.ts';
import type { RequestRow } from '../../journal/requests.ts';
import { findService, findSystem } from '../core/definitions.ts';
import type { Engine } from '../core/engine.ts';

/** `incident`: null for a run by hand. */
export function viewRequest(engine: Engine, request: RequestRow, incident: IncidentRow | null): RequestView {
  const { plan } = request;
  return {
    state: request.state,
    danger: request.danger,
    quorum: request.quorum,
    askedBy: request.askedBy,
    decideBy: request.decideBy,
    startBy: request.startBy,
    system: plan.system,
    environment: plan.environment,
    planned: !isEmergency(incident),
    incidentOpen: incident === null || incident.state !== 'resolved',
    decisions: request.decisions,
    approvers: findService(engine, plan.system, plan.service)?.approvers ?? [],
    ticked: request.ticks.map((tick) => tick.item),
  };
}

/** In production what is done for an incident is an emergency: it needs no window, and the audit says so. */
export function emergencyOf(
  request: Pick<RequestRow, 'plan'>,
  incident: (Cause & { readonly id: number }) | null,
): { readonly emergency?: string } {
  if (request.plan.environment !== 'prod' || incident === null || !isEmergency(incident)) return {};
  return { emergency: `emergency ${incidentId(incident.id)}` };
}

/** Whether a change may be asked for now; by the database's clock. */
export async function whyBarred(engine: Engine, tx: Tx, change: Change): Promise<Refusal | null> {
  return barred(change, rulesOf(engine.catalog.organisation), await dbNow(tx));
}

/** The same of all steps that somebody asks for at once: null when none of them changes anything. */
export async function whyStepsBarred(
  engine: Engine,
  tx: Tx,
  ask: {
    readonly system: string;
    readonly steps: readonly Pick<Resolved, 'danger'>[];
    readonly incident: Cause | null;
  },
): Promise<Refusal | null> {
  const environment = findSystem(engine, ask.system)?.environment;
  const changes = ask.steps.some(({ danger }) => danger !== 'safe');
  if (!changes || environment === undefined) return null;
  return whyBarred(engine, tx, { system: ask.system, environment, planned: !isEmergency(ask.incident) });
}
