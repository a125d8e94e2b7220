/** A step as the catalog of the moment resolves it. */
import type { ActionKind } from '../../domain/action.ts';
import type { ParamValues } from '../../domain/params.ts';
import type { ProbeKind } from '../../domain/probe.ts';
import {
  type Resolved,
  type ResolvedProbe,
  resolveProbe,
  resolveStep,
  type Surroundings,
} from '../../domain/resolve-step.ts';
import type { ProbeStep, Step } from '../../domain/runbook.ts';
import { findSystem } from './definitions.ts';
import type { Engine } from './engine.ts';

type Known = Pick<Engine, 'catalog' | 'probeKinds'>;

/** Of a system that the catalog doesn't have: nothing is known of its services. */
function around<A extends ActionKind>(
  { catalog, probeKinds }: Known,
  system: string,
  actionKinds: ReadonlyMap<string, A>,
): Surroundings<ProbeKind, A> {
  const services = findSystem({ catalog }, system)?.services ?? [];
  return { system, services, kinds: { probeKinds, actionKinds } };
}

export function resolveIn(
  engine: Known & Pick<Engine, 'actionKinds'>,
  system: string,
  step: Step,
  params: ParamValues = {},
): Resolved<ProbeKind, ActionKind> {
  return resolveStep(step, params, around(engine, system, engine.actionKinds));
}

export function resolveProbeIn(engine: Known, system: string, step: ProbeStep): ResolvedProbe<ProbeKind> {
  return resolveProbe(step, around(engine, system, new Map<string, ActionKind>()));
}
