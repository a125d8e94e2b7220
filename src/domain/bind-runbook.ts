/** A runbook for any service of a system becomes the runbook for the one that an alert (or a person) names. */
import { type Labels, matches } from './matchers.ts';
import type { Condition, ProbeStep, Runbook, ServiceEntry, Step, System } from './runbook.ts';

/** As a step's `service:` "the service that the alert names". No service of a catalog may have this name. */
export const ALERT_SERVICE = 'alert';
/** As a step's `probe:` "the health probe of its service". */
export const HEALTH_PROBE = 'health';
/** Every system has it: the Docker engine itself, not one of its containers; no part of health. */
export const ENGINE_SERVICE = 'docker';

/**
 * Pure. Steps for the alert's service get `service`; if that is no service of the system they are left out, and a
 * note says so. Of several conditions the one for these labels stays. A runbook without either is given back as it is.
 */
export function bindRunbook(
  written: Runbook,
  system: System,
  service: string | null,
  labels: Labels = {},
): Runbook {
  const runbook = withCondition(written, system, service, labels);
  const all = [...runbook.diagnose, ...runbook.verify, ...runbook.recover.flatMap((option) => option.steps)];
  if (!all.some((step) => 'service' in step && step.service === ALERT_SERVICE)) return runbook;
  const entry = system.services.find((candidate) => candidate.name === service) ?? null;
  const bindProbe = (step: ProbeStep): readonly ProbeStep[] => bound(step, entry);
  const bindStep = (step: Step): readonly Step[] => {
    if (step.type === 'probe') return bindProbe(step).map((probe) => ({ ...probe, type: 'probe' }));
    if (step.type === 'task' || step.service !== ALERT_SERVICE) return [step];
    return entry === null ? [] : [{ ...step, service: entry.name }];
  };
  const recover = runbook.recover.map((option) => ({ ...option, steps: option.steps.flatMap(bindStep) }));
  return {
    ...runbook,
    diagnose: runbook.diagnose.flatMap(bindProbe),
    verify: runbook.verify.flatMap(bindProbe),
    // A recovery of which a step is missing is none.
    recover: recover.filter((option, i) => option.steps.length === runbook.recover[i]?.steps.length),
    notes: entry === null ? [...runbook.notes, unnamed(system, service)] : runbook.notes,
  };
}

function withCondition(runbook: Runbook, system: System, service: string | null, labels: Labels): Runbook {
  const written = runbook.conditions ?? (runbook.condition === null ? [] : [runbook.condition]);
  const fitting = written.find(
    ({ alerts = [] }) =>
      alerts.length === 0 || alerts.some((list) => list.every((matcher) => matches(matcher, labels))),
  );
  const condition = fitting === undefined ? null : boundCondition(fitting, system, service);
  if (condition === runbook.condition && runbook.conditions === undefined) return runbook;
  const { conditions: _, ...rest } = runbook;
  return { ...rest, condition };
}

function boundCondition(condition: Condition, system: System, service: string | null): Condition | null {
  if (condition.service !== ALERT_SERVICE) return condition;
  const entry = system.services.find((candidate) => candidate.name === service) ?? null;
  if (entry === null) return null;
  return condition.probe === HEALTH_PROBE && entry.probe === null
    ? null
    : { ...condition, service: entry.name };
}

function unnamed(system: System, service: string | null): string {
  const found =
    service === null ? 'The alert has no label "service"' : `"${service}" is no service of ${system.name}`;
  return `${found}, so nothing was asked of it: try /ops health ${system.name}.`;
}

/** A health step of a service that has none is left out. */
function bound(step: ProbeStep, entry: ServiceEntry | null): readonly ProbeStep[] {
  if (step.service !== ALERT_SERVICE) return [step];
  if (entry === null || (step.probe === HEALTH_PROBE && entry.probe === null)) return [];
  return [{ ...step, service: entry.name }];
}
