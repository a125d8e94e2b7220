/** For an alert that no runbook matches: what can be read of the system it names. It offers nothing that changes anything. */
import { ENGINE_SERVICE } from './bind-runbook.ts';
import { lookupStep } from './log-lines.ts';
import type { Catalog, ProbeStep, Runbook, ServiceEntry, System } from './runbook.ts';

const LOG_LINES = 50;
/** Health probes in one diagnosis: its message must stay readable. */
const MOST_SERVICES = 30;

/**
 * Pure. The service that the alert names is asked for its health, its container and its last lines; without one (or
 * with a name that nobody knows, which a note says), or where it can be asked nothing, every service is asked for its
 * health. Null: no such system.
 */
export function fallbackRunbook(
  catalog: Pick<Catalog, 'systems'>,
  name: string | null,
  service: string | null,
): Runbook | null {
  const system = catalog.systems.find((candidate) => candidate.name === name);
  if (system === undefined) return null;
  const entry = system.services.find((candidate) => candidate.name === service) ?? null;
  // What nobody knows may be named in any number of ways; the others are made once.
  if (entry === null && service !== null) return make(system, null, service);
  const known = made.get(entry ?? system) ?? make(system, entry, service);
  made.set(entry ?? system, known);
  return known;
}

const made = new WeakMap<System | ServiceEntry, Runbook>();

function make(system: System, entry: ServiceEntry | null, service: string | null): Runbook {
  const own = entry === null ? [] : ofService(entry);
  return {
    id: `${system.name}/no-runbook`,
    version: 1,
    system: system.name,
    title: `What can be read of ${entry === null ? system.name : `${system.name} / ${entry.name}`}`,
    triggers: [],
    symptoms: [],
    impact: [],
    condition: null,
    diagnose: own.length === 0 ? ofSystem(system) : own,
    steps: [],
    params: [],
    recover: [],
    verify: [],
    notes: entry === null ? notesOfSystem(system, service) : notesOfService(entry),
    links: system.links,
    escalate: null,
  };
}

function ofService(entry: ServiceEntry): readonly ProbeStep[] {
  const health = entry.probe === null ? [] : [healthOf(entry, entry.probe)];
  if (entry.target.container === null) return health;
  const isAsked = entry.probe?.probe === 'docker.container';
  return [
    ...health,
    ...(isAsked ? [] : [titled(lookupStep(entry.name, 'docker.container'), 'container', 'Container')]),
    titled(
      lookupStep(entry.name, 'docker.logs', { lines: LOG_LINES }),
      'logs',
      `The last ${LOG_LINES} lines of its log`,
    ),
  ];
}

function ofSystem(system: System): readonly ProbeStep[] {
  return system.services
    .filter(({ name }) => name !== ENGINE_SERVICE)
    .flatMap((entry): readonly ProbeStep[] => {
      if (entry.probe !== null) return [healthOf(entry, entry.probe)];
      if (entry.target.container === null) return [];
      return [titled(lookupStep(entry.name, 'docker.container'), `container-${entry.name}`, 'Container')];
    })
    .slice(0, MOST_SERVICES);
}

const healthOf = (entry: ServiceEntry, probe: ProbeStep): ProbeStep => ({
  ...titled(probe, `health-${entry.name}`, 'Health'),
  service: entry.name,
  withinMs: 0,
});

const titled = (step: ProbeStep, key: string, title: string): ProbeStep => ({ ...step, key, title });

function notesOfSystem(system: System, service: string | null): readonly string[] {
  const unknown =
    service === null
      ? []
      : [`"${service}" is no service of ${system.name}: every service was asked instead.`];
  return [...unknown, ...(system.facts?.notes ?? [])];
}

const notesOfService = (entry: ServiceEntry): readonly string[] => [
  ...entry.sharedWith.map((text) => `Also there: ${text}`),
  ...entry.notes,
];
