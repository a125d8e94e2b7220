/** What an approval is given for: one hash over everything in a plan that decides what will happen. */
import { createHash } from 'node:crypto';
import type { Plan, Scope, UndoPlan } from './action.ts';
import { canonicalJson } from './canonical-json.ts';

/**
 * SHA-256, in hex, of the plan's canonical JSON. Left out, as they are for people and change by themselves: the
 * preview, the notes beside items, and the estimate of the undo's size.
 */
export function planDigest(plan: Plan): string {
  const decided = {
    action: plan.action,
    contractVersion: plan.contractVersion,
    system: plan.system,
    service: plan.service,
    environment: plan.environment,
    danger: plan.danger,
    quorum: plan.quorum,
    settings: plan.settings,
    sharedWith: plan.sharedWith,
    identity: plan.identity,
    marker: plan.marker,
    scope: decidedScope(plan.scope),
    undo: decidedUndo(plan.undo),
  };
  return createHash('sha256').update(canonicalJson(decided)).digest('hex');
}

function decidedScope(scope: Scope): unknown {
  if (scope.kind === 'items')
    return { kind: scope.kind, items: scope.items.map(({ id, name }) => ({ id, name })) };
  if (scope.kind === 'call') return { kind: scope.kind, does: scope.does };
  return { kind: scope.kind, name: scope.name, keys: scope.keys, mayGrowTo: scope.mayGrowTo };
}

function decidedUndo(undo: UndoPlan): unknown {
  return undo.kind === 'made' ? { kind: undo.kind, how: undo.how } : { kind: undo.kind, reason: undo.reason };
}
