/** For whom the bot proposes an option by itself: the alert alone when nobody but the alert had a hand in it. */
import { ALERT } from '../../domain/person.ts';
import { provenEntries } from '../../journal/audit-chain.ts';
import type { Tx } from '../../journal/open-journal.ts';
import type { RunRow } from '../../journal/runs.ts';
import type { Engine } from '../core/engine.ts';
import { provingKeys } from '../core/tampered.ts';

/** Somebody opened the incident by hand, or chose its runbook: what follows from either is theirs. */
const BY_PEOPLE = ['incident.opened', 'incident.runbook'];

/** Whoever began the diagnosis; of one that the alert began, whoever had chosen what it asks. Its run is proved before. */
export async function proposerOf(
  engine: Engine,
  tx: Tx,
  run: RunRow,
  incidentId: number,
): Promise<string | { readonly forged: number }> {
  if (run.askedBy !== ALERT) return run.askedBy;
  const { entries, forged } = await provenEntries(tx, provingKeys(engine), `INC-${incidentId}`, BY_PEOPLE);
  return forged === null ? (entries.at(-1)?.actor ?? ALERT) : { forged };
}
