/** Whether what was approved is still what would happen (docs/design.md, invariant 2): the plan worked out again, held against it. */
import { DANGERS, type Plan, type Scope, type ScopeItem, type UndoPlan } from './action.ts';
import { canonicalJson } from './canonical-json.ts';
import { cut } from './text.ts';

export type PlanComparison =
  | {
      readonly verdict: 'same' | 'shrunk';
      /** Only what was approved and still is so: this, and nothing else, may be executed. */
      readonly narrowed: Plan;
      /** Approved, but it no longer qualifies: it stays. */
      readonly kept: readonly ScopeItem[];
      /** It qualifies now, but nobody approved it: untouched. */
      readonly isNew: readonly ScopeItem[];
    }
  | {
      readonly verdict: 'superseded' /** One line for each difference, for people. */;
      readonly differs: readonly string[];
    };

/** Pure. `approved` is the plan of the request, `fresh` the one just worked out from the live target. */
export function comparePlans(approved: Plan, fresh: Plan): PlanComparison {
  const differs = [
    ...changed('action', approved.action, fresh.action),
    ...changed('contract version', approved.contractVersion, fresh.contractVersion),
    ...changed('system', approved.system, fresh.system),
    ...changed('service', approved.service, fresh.service),
    ...changed('environment', approved.environment, fresh.environment),
    ...changed('marker', approved.marker, fresh.marker),
    ...changedEntries('', approved.identity, fresh.identity),
    ...changedEntries('setting ', approved.settings, fresh.settings),
    ...raised(approved, fresh),
    ...worseUndo(approved.undo, fresh.undo),
  ];
  const scope = compareScopes(approved.scope, fresh.scope);
  if (typeof scope === 'string') return { verdict: 'superseded', differs: [...differs, scope] };
  if (differs.length > 0) return { verdict: 'superseded', differs };
  return {
    verdict: scope.shrunk ? 'shrunk' : 'same',
    narrowed: { ...approved, scope: scope.scope, undo: fresh.undo },
    kept: scope.kept,
    isNew: scope.isNew,
  };
}

interface ScopeComparison {
  readonly scope: Scope;
  readonly shrunk: boolean;
  readonly kept: readonly ScopeItem[];
  readonly isNew: readonly ScopeItem[];
}

/** What is left of the approved scope, or the line that says why nothing of it may be done. */
function compareScopes(approved: Scope, fresh: Scope): ScopeComparison | string {
  if (approved.kind === 'items' && fresh.kind === 'items') {
    const now = new Set(fresh.items.map((item) => item.id));
    const before = new Map(approved.items.map((item) => [item.id, item]));
    const left = [...before.values()].filter((item) => now.has(item.id));
    const kept = [...before.values()].filter((item) => !now.has(item.id));
    if (left.length === 0) return 'nothing that was approved is left';
    return {
      scope: { kind: 'items', items: left },
      shrunk: kept.length > 0,
      kept,
      isNew: fresh.items.filter((item) => !before.has(item.id)),
    };
  }
  if (approved.kind === 'keyspace' && fresh.kind === 'keyspace') {
    if (approved.name !== fresh.name) return `key space was ${say(approved.name)}, is ${say(fresh.name)}`;
    // "Not at most" rather than "more": a count that isn't a number must not pass.
    if (!(fresh.keys <= approved.mayGrowTo)) {
      return `${approved.of ?? 'keys'} were ${approved.keys} (approved up to ${approved.mayGrowTo}), are ${fresh.keys}`;
    }
    const keys = Math.min(approved.keys, fresh.keys);
    return { scope: { ...approved, keys }, shrunk: keys < approved.keys, kept: [], isNew: [] };
  }
  if (approved.kind === 'call' && fresh.kind === 'call') {
    if (approved.does !== fresh.does) return `it was ${say(approved.does)}, is ${say(fresh.does)}`;
    return { scope: approved, shrunk: false, kept: [], isNew: [] };
  }
  return `scope was ${approved.kind}, is ${fresh.kind}`;
}

function raised(approved: Plan, fresh: Plan): string[] {
  const unheard = fresh.sharedWith.filter((other) => !approved.sharedWith.includes(other));
  return [
    ...(DANGERS.indexOf(fresh.danger) > DANGERS.indexOf(approved.danger)
      ? changed('danger', approved.danger, fresh.danger)
      : []),
    ...(fresh.quorum > approved.quorum ? changed('approvers needed', approved.quorum, fresh.quorum) : []),
    ...unheard.map((other) => `also shared with ${cut(other, 80)}, which the approved plan didn't say`),
  ];
}

function worseUndo(approved: UndoPlan, fresh: UndoPlan): string[] {
  if (approved.kind === 'none') return [];
  if (fresh.kind === 'none') return [`undo was promised, is none: ${fresh.reason}`];
  return changed('undo', approved.how, fresh.how);
}

function changedEntries(
  prefix: string,
  before: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  return names.flatMap((name) => {
    const [was, is] = [before, now].map((entries) =>
      Object.hasOwn(entries, name) ? entries[name] : undefined,
    );
    return changed(`${prefix}${name}`, was, is);
  });
}

function changed(what: string, was: unknown, is: unknown): string[] {
  if (exact(was) === exact(is)) return [];
  const [before, now] = [shown(was), shown(is)];
  // Shortened, two different hashes may look the same: then more of them is shown.
  const [a, b] = [cut(before, 13), cut(now, 13)];
  return [a === b ? `${what} was ${cut(before, 200)}, is ${cut(now, 200)}` : `${what} was ${a}, is ${b}`];
}

/** The text 5 and the number 5 differ; so do null and nothing. */
const exact = (value: unknown): string => (value === undefined ? '' : canonicalJson(value));

function shown(value: unknown): string {
  if (value === undefined || value === null) return '(none)';
  return typeof value === 'string' ? value : canonicalJson(value);
}

const say = (value: string): string => cut(value, 60);
