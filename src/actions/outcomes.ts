/** How an action says that it came to nothing. */
import type { ActionOutcome } from '../domain/action.ts';

/** `nothing was purged: …`: the target is not what was approved any more. */
export const nothingWas =
  (done: string) =>
  (why: string): ActionOutcome => ({ state: 'superseded', summary: `nothing was ${done}: ${why}` });

/** One thing, and what is known of it. */
export function failedOn(name: string, summary: string): ActionOutcome {
  return { state: 'failed', summary, items: [{ name, outcome: 'failed', note: summary }] };
}
