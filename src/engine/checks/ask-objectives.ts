/** Present figures of a system's objectives and watches, from its own Prometheus or the bot's. */
import { type Figure, judge, type Objective } from '../../domain/objective.ts';
import { runProbe } from '../../domain/run-probe.ts';
import type { System } from '../../domain/runbook.ts';
import type { Target } from '../../domain/target.ts';
import type { Engine } from '../core/engine.ts';

const QUERY_KIND = 'prometheus.query';
/** The service of a system that is asked. */
const PROMETHEUS = 'prometheus';
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
  const target = prometheusOf(engine, system);
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
function prometheusOf(engine: Figures, system: System): Target | null {
  const own = system.services.find(({ name }) => name === PROMETHEUS);
  if (own !== undefined && own.notConfigured === null && own.target.url !== null) return own.target;
  const url = engine.settings.links.prometheus;
  const [any] = system.services;
  if (url === null || any === undefined) return null;
  return { ...any.target, service: PROMETHEUS, url, container: null };
}
