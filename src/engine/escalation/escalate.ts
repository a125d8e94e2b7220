/** When nobody answers: people are called one after the other, each in one message of the thread, until somebody does. */
import {
  escalationChain,
  type Level,
  levelAfter,
  REMIND_AGAIN_AT,
  REMIND_AT,
} from '../../domain/escalation.ts';
import { incidentId as incidentName, stepId as stepName } from '../../domain/ids.ts';
import { holders, rulesOf } from '../../domain/organisation.ts';
import { dbNow } from '../../journal/clock.ts';
import { delegatesFor } from '../../journal/delegations.ts';
import {
  type EscalationSurface,
  insertEscalation,
  isEscalating,
  readEscalations,
  stopCalling,
  unescalated,
} from '../../journal/escalations.ts';
import { type IncidentRow, lockIncident, readIncident } from '../../journal/incidents.ts';
import type { Tx } from '../../journal/open-journal.ts';
import { lockRequest, type RequestRow, stepOfRequest } from '../../journal/requests.ts';
import { readRun } from '../../journal/runs.ts';
import { readStep } from '../../journal/steps.ts';
import { isHeld } from '../../journal/storms.ts';
import { dropTimer, setTimer, type TimerKind, takeTimer } from '../../journal/timers.ts';
import { findService, findSystem, pinnedOrNull } from '../core/definitions.ts';
import { each } from '../core/each.ts';
import type { Engine } from '../core/engine.ts';
import { runMessage } from '../core/messages.ts';
import { type Draft, perform } from '../core/perform.ts';

const TIMER = { incident: 'incident.escalate', request: 'request.remind' } as const satisfies Record<
  EscalationSurface,
  TimerKind
>;

/**
 * An incident begins, or begins again. Its runbook says after how long; without a runbook's word a critical one is
 * escalated as org.yaml says, and others are not. `unless-running`: a call that is planned stays as it is; `unless-begun`:
 * and nobody is called who was called before.
 */
export async function startEscalation(
  engine: Engine,
  draft: Draft,
  incidentId: number,
  when: 'anew' | 'unless-running' | 'unless-begun' = 'anew',
): Promise<void> {
  if (when !== 'anew' && (await isEscalating(draft.tx, incidentId, when === 'unless-begun'))) return;
  const incident = await readIncident(draft.tx, incidentId);
  // One that is only named in a storm has no thread yet: it begins with that.
  if (incident === null || (await isHeld(draft.tx, incidentId))) return;
  const own = (await startOf(draft.tx, incident))?.afterMs;
  const fallback = incident.critical ? rulesOf(engine.catalog.organisation).escalation.afterMs : undefined;
  const after = own ?? fallback;
  if (after !== undefined) await draft.write(setTimer(TIMER.incident, incidentId, after));
}

async function startOf(tx: Tx, incident: IncidentRow) {
  return (await pinnedOrNull(tx, incident.runbookHash))?.escalate ?? null;
}

/** Critical ones without a runbook, which nothing else has begun to escalate. */
export async function startLeftEscalations(engine: Engine): Promise<void> {
  await each(await unescalated(engine.journal.pool), (id) =>
    perform(engine, (draft) => startEscalation(engine, draft, id)),
  );
}

/** A request waits: at two thirds of its time those who may decide are called. */
export async function startReminder(draft: Draft, requestId: number, expiresMs: number): Promise<void> {
  await draft.write(setTimer(TIMER.request, requestId, expiresMs * REMIND_AT));
}

/** Somebody has answered, or it is over: nobody else is called. */
export async function stopEscalation(
  engine: Engine,
  draft: Draft,
  surface: EscalationSurface,
  subject: number,
): Promise<void> {
  await draft.write(dropTimer(TIMER[surface], subject));
  await stopCalling(draft.tx, surface, subject);
  const last = (await readEscalations(draft.tx, surface, subject)).at(-1);
  if (last === undefined) return;
  const run = { id: last.runId ?? 0, incidentId: last.incidentId, afterRun: null };
  draft.want(runMessage(engine, run, `escalation-${last.id}`));
}

/** The next person's turn in an incident that nobody has taken. */
export async function escalateIncident(engine: Engine, incidentId: number): Promise<void> {
  await perform(engine, async (draft) => {
    const incident = await lockIncident(draft.tx, incidentId);
    // Of several processes that saw the timer due, one takes it.
    if (!(await takeTimer(draft.tx, TIMER.incident, incidentId))) return;
    // An acknowledged one is escalated only by hand: its timer ended when somebody took it.
    if (incident?.state !== 'firing' && incident?.state !== 'acknowledged') return;
    const { organisation } = engine.catalog;
    const now = await dbNow(draft.tx);
    const before = (await readEscalations(draft.tx, 'incident', incidentId)).filter(
      (one) => one.nextAt !== null,
    );
    const last = before.at(-1) ?? null;
    const start = (await startOf(draft.tx, incident))?.to ?? 'on-call';
    const chain = escalationChain(organisation, { start, shared: isShared(engine, incident) }, now);
    const found = levelAfter(chain, last?.role ?? null);
    if (found === null && last !== null) return;
    // Said once, and paged: that nobody is named is worth somebody's knowing.
    const call: Level = found ?? { role: 'everyone', people: [] };
    const next = levelAfter(chain, call.role);
    const { waitMs } = rulesOf(organisation).escalation;
    const level = last === null ? 1 : last.level + 1;
    await callPeople(engine, draft, {
      surface: 'incident',
      subject: incidentId,
      incidentId,
      runId: null,
      level,
      call,
      next,
      nextInMs: waitMs,
      pages: engine.pager !== undefined,
    });
    if (next !== null) await draft.write(setTimer(TIMER.incident, incidentId, waitMs));
    draft.event(
      incidentId,
      'pageturner',
      `nobody has taken ${incidentName(incidentId)}: ${said(call)} called`,
    );
  });
}

/** A request that nobody has decided on: those who may are called, and half-way to its end everyone who could help. */
export async function remindOfRequest(engine: Engine, requestId: number): Promise<void> {
  await perform(engine, async (draft) => {
    const stepId = await stepOfRequest(draft.tx, { id: requestId });
    const step = stepId === null ? null : await readStep(draft.tx, stepId);
    const run = step === null ? null : await readRun(draft.tx, step.runId);
    if (run !== null && run.incidentId !== null) await lockIncident(draft.tx, run.incidentId);
    const request = step === null ? null : await lockRequest(draft.tx, { stepId: step.id });
    if (!(await takeTimer(draft.tx, TIMER.request, requestId))) return;
    if (request?.state !== 'open' || run === null) return;
    const now = await dbNow(draft.tx);
    const leftMs = request.decideBy.getTime() - now.getTime();
    if (leftMs <= 0) return;
    const before = await readEscalations(draft.tx, 'request', requestId);
    const isFirst = before.length === 0;
    const deciders = await whoMayDecide(engine, draft.tx, request, now);
    const helpers = everyone(engine, request, now).filter((person) => person !== request.askedBy);
    const call: Level = isFirst
      ? { role: 'deciders', people: deciders }
      : { role: 'everyone', people: helpers };
    const next: Level | null = isFirst ? { role: 'everyone', people: helpers } : null;
    const nextInMs = leftMs * REMIND_AGAIN_AT;
    await callPeople(engine, draft, {
      surface: 'request',
      subject: requestId,
      incidentId: run.incidentId,
      runId: run.id,
      level: before.length + 1,
      call,
      next,
      nextInMs,
      pages: !isFirst && engine.pager !== undefined,
    });
    if (next !== null) await draft.write(setTimer(TIMER.request, requestId, nextInMs));
    draft.event(
      run.incidentId,
      'pageturner',
      `nobody has decided on ${stepName(request.stepId)}: ${said(call)} called`,
    );
  });
}

async function callPeople(
  engine: Engine,
  draft: Draft,
  escalation: Parameters<typeof insertEscalation>[1],
): Promise<void> {
  const id = await insertEscalation(draft.tx, escalation);
  const run = { id: escalation.runId ?? 0, incidentId: escalation.incidentId, afterRun: null };
  draft.want(runMessage(engine, run, `escalation-${id}`, 'urgent'));
  // The one before says now that somebody else was called.
  const before = (await readEscalations(draft.tx, escalation.surface, escalation.subject)).at(-2);
  if (before !== undefined) draft.want(runMessage(engine, run, `escalation-${before.id}`));
}

const said = ({ people }: Level): string => (people.length === 0 ? 'nobody could be' : people.join(', '));

function isShared(engine: Engine, incident: IncidentRow): boolean {
  const system = incident.system === null ? null : findSystem(engine, incident.system);
  const services = system?.services ?? [];
  const own = services.find((service) => service.name === incident.service);
  const approvers = own?.approvers ?? services[0]?.approvers ?? [];
  return approvers.includes('duty-officer');
}

/** Now, without whoever asked for something destructive. */
async function whoMayDecide(
  engine: Engine,
  tx: Tx,
  request: RequestRow,
  now: Date,
): Promise<readonly string[]> {
  const { organisation } = engine.catalog;
  const { plan, danger, askedBy } = request;
  const approvers = findService(engine, plan.system, plan.service)?.approvers ?? [];
  const officers = approvers.includes('duty-officer') ? organisation.dutyOfficer : [];
  const others =
    danger === 'disruptive' ? holders(organisation, 'on-call', now) : await delegatesFor(tx, plan.system);
  const all = [...new Set([...others, ...officers, ...organisation.techLead])];
  return danger === 'disruptive' ? all : all.filter((person) => person !== askedBy);
}

function everyone(engine: Engine, request: RequestRow, now: Date): readonly string[] {
  const shared = (findService(engine, request.plan.system, request.plan.service)?.approvers ?? []).includes(
    'duty-officer',
  );
  return escalationChain(engine.catalog.organisation, { start: 'on-call', shared }, now).flatMap(
    (level) => level.people,
  );
}
