/** What every request by hand is held against: whether the same click came before. */
import { hasIncidentOf } from '../../journal/incidents.ts';
import { hasRunOf } from '../../journal/runs.ts';
import type { Draft } from './perform.ts';

export async function askedTwice({ tx }: Draft, askedKey: string): Promise<boolean> {
  return (await hasRunOf(tx, askedKey)) || hasIncidentOf(tx, handKey(askedKey));
}

/** What stands in an incident by hand where an alert's group key would be. */
export const handKey = (askedKey: string): string => `hand:${askedKey}`;
