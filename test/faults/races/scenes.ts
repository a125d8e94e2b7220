/** What a race begins with: an incident, and in it a flush that waits for a decision or is approved. */

import type { AlertGroup } from '../../../src/domain/receive.ts';
import { decideRequest } from '../../../src/engine/changes/decide-request.ts';
import { planStep } from '../../../src/engine/changes/plan-step.ts';
import type { Engine } from '../../../src/engine/core/engine.ts';
import { askOption } from '../../../src/engine/incidents/ask-option.ts';
import { receiveAlerts } from '../../../src/engine/intake/receive-alerts.ts';
import { PEOPLE } from '../../../src/local/workspace/people.ts';
import type { Arena } from './arena.ts';

let made = 0;
/** Never the same twice in a process: each round has an incident of its own. */
export const newName = (): string => {
  made += 1;
  return `race-${made}`;
};

export interface AlertTimes {
  readonly status?: 'firing' | 'resolved';
  readonly startsAt?: string;
  readonly endsAt?: string;
  /** Which alert of the group. */
  readonly instance?: string;
}

export function groupOf(name: string, times: AlertTimes = {}): AlertGroup {
  const labels = {
    alertname: 'HighMemoryUsage',
    system: 'moalog',
    service: 'redis',
    severity: 'warning',
    case: name,
  };
  const status = times.status ?? 'firing';
  return {
    groupKey: name,
    alerts: [
      {
        fingerprint: `${name}/${times.instance ?? 'one'}`,
        status,
        labels,
        annotations: {},
        startsAt: times.startsAt ?? '2026-01-10T03:00:00Z',
        endsAt: status === 'firing' ? null : (times.endsAt ?? '2026-01-10T03:10:00Z'),
        generatorUrl: '',
      },
    ],
    commonLabels: labels,
    commonAnnotations: {},
    externalUrl: '',
    truncated: 0,
  };
}

export async function openIncident(engine: Engine, name: string): Promise<number> {
  const [id] = await receiveAlerts(engine, groupOf(name));
  if (id === undefined) throw new Error('no incident was opened');
  return id;
}

export interface Asked {
  readonly name: string;
  readonly incidentId: number;
  readonly stepId: number;
  readonly requestId: number;
}

/** A flush asked for by the developer, planned, and waiting for a decision. */
export async function askedFlush(arena: Arena, using: Engine = arena.a): Promise<Asked> {
  const name = newName();
  await arena.target.mset('k:1', 'v', 'k:2', 'v');
  const incidentId = await openIncident(arena.a, name);
  const asked = await askOption(using, {
    incidentId,
    optionKey: 'flush',
    person: PEOPLE.developer.id,
    askedKey: name,
  });
  if (!asked.ok) throw new Error(asked.text);
  const rows = await arena.database.query<{ id: number }>(
    `select s.id::float8 as id from steps s join runs r on r.id = s.run_id where r.incident_id = $1 and s.type = 'action'`,
    [incidentId],
  );
  const stepId = rows[0]?.id ?? 0;
  await planStep(using, stepId);
  const requests = await arena.database.query<{ id: number; state: string }>(
    'select id::float8 as id, state from requests where step_id = $1',
    [stepId],
  );
  const [request] = requests;
  if (request?.state !== 'open') throw new Error('the flush does not wait for a decision');
  return { name, incidentId, stepId, requestId: request.id };
}

export const decide = (
  engine: Engine,
  asked: Asked,
  person: string = PEOPLE.lead.id,
  verdict: 'approve' | 'deny' = 'approve',
) =>
  decideRequest(engine, {
    by: { stepId: asked.stepId },
    person,
    verdict,
    reason: verdict === 'deny' ? 'not now' : null,
  });

export async function requestState(
  arena: Arena,
  asked: Asked,
): Promise<{ state: string; decisions: number }> {
  const rows = await arena.database.query<{ state: string; decisions: number }>(
    `select state, (select count(*)::int from decisions d where d.request_id = r.id) as decisions
     from requests r where r.id = $1`,
    [asked.requestId],
  );
  return rows[0] ?? { state: 'none', decisions: 0 };
}

export async function incidentState(arena: Arena, id: number): Promise<string> {
  const rows = await arena.database.query<{ state: string }>('select state from incidents where id = $1', [
    id,
  ]);
  return rows[0]?.state ?? 'none';
}

export async function flushes(arena: Arena): Promise<number> {
  const stats = await arena.target.info('commandstats');
  return Number(/cmdstat_flushdb:calls=(\d+)/u.exec(stats)?.[1] ?? 0);
}

/** @throws with what was found. */
export function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** The values; throws the first error: in these races nobody may fail. */
export function values<T>(settled: readonly PromiseSettledResult<T>[]): readonly T[] {
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}
