/** Present figures of a system's objectives and watches, from its own Prometheus or the bot's. */
import { type Figure, judge, type Objective } from '../../domain/objective.ts';
import { runProbe } from '../../domain/run-probe.ts';
import type { System } from '../../domain/runbook.ts';
import type { Target } from '../../domain/target.ts';
import type { Engine } from '../core/engine.ts';
import { prometheusOf } from '../core/prometheus-of.ts';

const QUERY_KIND = 'prometheus.query';
const TIMEOUT_MS = 2000;

export interface Figures extends Pick<Engine, 'catalog' | 'probeKinds' | 'redact' | 'signal'> {
  readonly settings: Pick<Engine['settings'], 'links'>;
}

/** All side by side, two seconds at most. With a service: only what speaks of it. Never throws. */
export async function askObjectives(
  engine: Figures,
  system: System,
  service: string | null,
): Promise<readonly Figure[]> {
  const { objectives = [], watches = [] } = system.facts ?? {};
  const asked = [
    ...objectives.map((one) => ['objective', one] as const),
    ...watches.map((one) => ['watch', one] as const),
  ].filter(([, one]) => service === null || one.service === service);
  if (asked.length === 0) return [];
  const target = targetOf(engine, system);
  return Promise.all(
    asked.map(async ([kind, one]) => judge(one, kind, await askFigure(engine, target, one))),
  );
}

interface Answer {
  readonly value: number | null;
  readonly reason: string | null;
}

const noData = (reason: string): Answer => ({ value: null, reason });

async function askFigure(engine: Figures, target: Target | null, { query }: Objective): Promise<Answer> {
  if (query === null) return noData('nothing measures it');
  if (target === null) return noData('no data: no Prometheus is configured (PROMETHEUS_URL)');
  const kind = engine.probeKinds.get(QUERY_KIND);
  if (kind === undefined) return noData(`there is no probe ${QUERY_KIND}`);
  const step = { settings: { query }, expect: null, timeoutMs: TIMEOUT_MS, title: null };
  const { state, reason, facts } = engine.redact(await runProbe(kind, target, step, engine.signal));
  if (state === 'up' && typeof facts.value === 'number') return { value: facts.value, reason: null };
  const why = reason ?? 'no data';
  return noData(why.startsWith('no data') ? why : `no data: Prometheus: ${why}`);
}

/** The system's own, else the bot's; null: neither is configured. */
function targetOf(engine: Figures, system: System): Target | null {
  const [url] = prometheusOf(engine, system.name);
  const [any] = system.services;
  return url === undefined || any === undefined ? null : { ...any.target, url, container: null };
}
