/** Which messages an incident has, and in which slot. */
import type { MessageWant } from '../journal/commit.ts';
import type { Engine } from './engine.ts';

type Slot = 'root' | 'diagnosis' | 'recovery' | 'closing' | `step-${number}`;

/** Every thread message hangs on `root`. */
export function incidentMessage(engine: Engine, incidentId: number, slot: Slot, urgent = false): MessageWant {
  return {
    surface: 'incident',
    subject: incidentId,
    slot,
    channel: engine.settings.opsChannel,
    parent: slot === 'root' ? null : 'root',
    urgent,
  };
}
