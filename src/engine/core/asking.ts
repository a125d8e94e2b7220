/** What every request by hand is held against first: who asks, and whether the same click came before. */
import { hasIncidentOf } from '../../journal/incidents.ts';
import { hasRunOf } from '../../journal/runs.ts';
import type { Engine } from './engine.ts';
import type { Draft } from './perform.ts';

export async function askedTwice({ tx }: Draft, askedKey: string): Promise<boolean> {
  return (await hasRunOf(tx, askedKey)) || hasIncidentOf(tx, handKey(askedKey));
}

/** What stands in an incident by hand where an alert's group key would be. */
export const handKey = (askedKey: string): string => `hand:${askedKey}`;

/** Null: a member of the workspace, who may ask for anything. */
export async function notAMember(
  engine: Engine,
  person: string,
): Promise<{ readonly ok: false; readonly text: string } | null> {
  const kind = await engine.directory.person(person);
  if (kind === 'member') return null;
  const why =
    kind === 'unknown'
      ? 'Slack can’t say who you are right now; try again in a moment'
      : `a ${kind} can’t ask for this`;
  return { ok: false, text: `You are not authorised: ${why}.` };
}
