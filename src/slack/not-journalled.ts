/** What a person is told whose wish could not be written down: nothing was done, and why. */

import type { Engine } from '../engine/core/engine.ts';
import { sayTampered, Tampered } from '../engine/core/tampered.ts';

export function notJournalled(engine: Pick<Engine, 'journal'>, error: unknown): string {
  if (error instanceof Tampered) return sayTampered(error.message);
  const why = engine.journal.writes.last();
  const said =
    why === null ? 'the journal does not answer. Try again in a moment.' : `the journal can’t write, ${why}.`;
  return `This could not be written down, so nothing was done: ${said}`;
}
