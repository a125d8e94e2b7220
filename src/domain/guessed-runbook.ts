/** A runbook that matched an alert which names no system: whether it is about that system nobody knows. */
import type { Runbook } from './runbook.ts';

const made = new WeakMap<Runbook, Runbook>();

/** Pure. It still looks, and offers nothing that changes anything. */
export function guessedRunbook(runbook: Runbook): Runbook {
  const known = made.get(runbook) ?? {
    ...runbook,
    recover: [],
    notes: [
      `The alert has no label "system": that it is about ${runbook.system} is a guess, so nothing that changes anything is offered.`,
      `To map it: an entry under "targets" in runbooks/alerts.yaml, such as { match: ['job="…"'], system: ${runbook.system} }.`,
      ...runbook.notes,
    ],
  };
  made.set(runbook, known);
  return known;
}
