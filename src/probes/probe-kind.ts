/** What every kind shares: a target that can't be reached is a finding, not an exception. */
import { TargetError } from '../clients/target-error.ts';
import type { Facts, ProbeFinding, ProbeKind } from '../domain/probe.ts';
import type { Target } from '../domain/target.ts';

/** The kind, with every TargetError of its clients turned into the finding that it is. */
export function probeKind<S>(kind: ProbeKind<S>): ProbeKind<S> {
  return {
    ...kind,
    async probe(target, settings, context) {
      try {
        return await kind.probe(target, settings, context);
      } catch (error) {
        if (error instanceof TargetError) return { state: error.state, reason: error.message, facts: {} };
        throw error;
      }
    },
  };
}

export const up = (facts: Facts, output?: string): ProbeFinding =>
  output === undefined ? { state: 'up', reason: null, facts } : { state: 'up', reason: null, facts, output };

export const degraded = (reason: string, facts: Facts, output?: string): ProbeFinding =>
  output === undefined ? { state: 'degraded', reason, facts } : { state: 'degraded', reason, facts, output };

export const down = (reason: string, facts: Facts = {}): ProbeFinding => ({ state: 'down', reason, facts });

/** The target's address. Throws "not configured" where a kind is called without one. */
export function addressOf(target: Target): string {
  if (target.url === null) throw new TargetError('unknown', 'not configured');
  return target.url;
}

/** The target's container. Throws "not configured" where a kind is called without one. */
export function containerOf(target: Target): string {
  if (target.container === null) throw new TargetError('unknown', 'not configured: no container');
  return target.container;
}
