/** What a person is told whose wish could not be written down: nothing was done, and why. */
import type { Engine } from '../engine/core/engine.ts';

export function notJournalled(engine: Pick<Engine, 'journal'>): string {
  const why = engine.journal.writes.last();
  const said =
    why === null ? 'the journal does not answer. Try again in a moment.' : `the journal can’t write, ${why}.`;
  return `This could not be written down, so nothing was done: ${said}`;
}
