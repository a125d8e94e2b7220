/** What an answer shows of the past: since when each service is as it is, and one service's last 24 hours. */
import type { HealthHistory, HealthState } from '../../domain/health-history.ts';
import type { HealthAnswer } from '../../journal/health.ts';
import { readHealthHistory, readHealthStates } from '../../journal/health-history.ts';
import type { Tx } from '../../journal/open-journal.ts';

export interface HealthPast {
  readonly states: readonly HealthState[];
  readonly history: HealthHistory | null;
}

/** Null: nothing of it is shown, as the services are still being asked, or it is about every system. */
export async function readHealthPast(tx: Tx, answer: HealthAnswer): Promise<HealthPast | null> {
  const [part] = answer.parts;
  if (answer.scope === 'all' || part === undefined || part.state !== 'done') return null;
  const [service] = part.services;
  const isOne = answer.scope === 'service' && service !== undefined;
  return {
    states: await readHealthStates(tx, part.system),
    history: isOne ? await readHealthHistory(tx, part.system, service, answer.at) : null,
  };
}
