/** Which runbook an alert calls for. */
import { bindRunbook } from './bind-runbook.ts';
import { type Labels, matches } from './matchers.ts';
import type { Catalog, Matcher, Runbook } from './runbook.ts';

export interface RunbookChoice {
  /** Bound to the alert: a step of `service: alert` has the service that the alert names. */
  readonly runbook: Runbook;
  /** The other runbooks whose triggers match too, the most specific first. */
  readonly others: readonly Runbook[];
}

/**
 * The runbook whose trigger matches best: most matchers, then most of them exact, then the id. A `system` label
 * narrows the choice to that system's; without one the triggers decide over all of them. Null: none matches.
 * Operations are never chosen: see `operationsFor`.
 */
export function chooseRunbook(catalog: Catalog, labels: Labels): RunbookChoice | null {
  const wanted = labels.system ?? '';
  const candidates = catalog.systems
    .filter((system) => wanted === '' || system.name === wanted)
    .flatMap((system) =>
      system.runbooks
        .filter((runbook) => runbook.steps.length === 0)
        .map((runbook) => ({ system, runbook, trigger: bestTrigger(runbook, labels) })),
    )
    .flatMap(({ trigger, ...rest }) => (trigger === null ? [] : [{ ...rest, trigger }]))
    .sort((a, b) => moreSpecific(a.trigger, b.trigger) || (a.runbook.id < b.runbook.id ? -1 : 1));
  const [first, ...rest] = candidates;
  if (first === undefined) return null;
  return {
    runbook: bindRunbook(first.runbook, first.system, labels.service ?? null, labels),
    others: rest.map(({ runbook }) => runbook),
  };
}

/** Operations of the system that name such an alert in their triggers: offered in its thread, beside the runbook's own options. */
export function operationsFor(catalog: Catalog, system: string, labels: Labels): readonly Runbook[] {
  const runbooks = catalog.systems.find(({ name }) => name === system)?.runbooks ?? [];
  return runbooks.filter(
    (runbook) => runbook.steps.length > 0 && bestTrigger(runbook, { ...labels, system }) !== null,
  );
}

function bestTrigger(runbook: Runbook, labels: Labels): readonly Matcher[] | null {
  const fitting = runbook.triggers.filter(
    (trigger) => trigger.length > 0 && trigger.every((matcher) => matches(matcher, labels)),
  );
  return fitting.sort(moreSpecific)[0] ?? null;
}

function moreSpecific(a: readonly Matcher[], b: readonly Matcher[]): number {
  return b.length - a.length || exact(b) - exact(a);
}

const exact = (trigger: readonly Matcher[]): number => trigger.filter(({ op }) => op === '=').length;
