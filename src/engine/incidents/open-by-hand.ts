/** An incident that a person opens: the same thread as an alert's, resolved by hand. */
import { bindRunbook } from '../../domain/bind-runbook.ts';
import { chooseRunbook } from '../../domain/choose-runbook.ts';
import { fallbackRunbook } from '../../domain/fallback-runbook.ts';
import type { Runbook } from '../../domain/runbook.ts';
import { insertByHand } from '../../journal/open-incidents.ts';
import { handKey } from '../core/asking.ts';
import { channelOf } from '../core/channels.ts';
import { findSystem, pinRunbook } from '../core/definitions.ts';
import type { Engine } from '../core/engine.ts';
import { incidentMessage } from '../core/messages.ts';
import type { Draft } from '../core/perform.ts';
import { startEscalation } from '../escalation/escalate.ts';
import { startRun } from '../runs/start-run.ts';

/** Stands where an alert's name would be. */
const BY_HAND = 'OpenedByHand';

export async function openByHand(
  engine: Engine,
  draft: Draft,
  ask: {
    readonly system: string;
    readonly service: string | null;
    readonly text: string;
    readonly person: string;
    readonly askedKey: string;
    /** Null: the one for a service that is down, when a service is named; else what can be read of it. */
    readonly runbook: Runbook | null;
  },
): Promise<number> {
  const { system: name, service, person } = ask;
  const system = findSystem(engine, name);
  const matching =
    ask.runbook !== null && system !== null
      ? bindRunbook(ask.runbook, system, service)
      : byService(engine, name, service);
  const runbook = matching ?? fallbackRunbook(engine.catalog, name, service);
  const id = await insertByHand(draft.tx, {
    system: name,
    service,
    alertname: BY_HAND,
    severity: 'unknown',
    openedBy: person,
    channel: channelOf(engine, name),
    groupKey: handKey(ask.askedKey),
    summary: engine.redact(ask.text),
    runbookId: matching?.id ?? null,
    runbookHash: runbook === null ? null : await pinRunbook(draft, runbook),
  });
  await startEscalation(engine, draft, id);
  draft.event(id, person, `opened by hand: ${ask.text}`);
  draft.audit({
    kind: 'incident.opened',
    actor: person,
    subject: `INC-${id}`,
    payload: { system: name, service },
  });
  draft.want(incidentMessage(engine, id, 'root', 'urgent'), incidentMessage(engine, id, 'diagnosis'));
  if (runbook !== null)
    await startRun(engine, draft, {
      incidentId: id,
      kind: 'diagnosis',
      runbook,
      askedBy: person,
      title: 'Diagnosis',
    });
  return id;
}

function byService(engine: Engine, system: string, service: string | null): Runbook | null {
  if (service === null) return null;
  return chooseRunbook(engine.catalog, { alertname: 'ServiceDown', system, service })?.runbook ?? null;
}
