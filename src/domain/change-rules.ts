/**
 * When production may be changed, whoever asks: never in a freeze; a planned change only in a maintenance window, with
 * the five boxes of change management ticked. What is done for an incident that is real is an emergency: no window, no
 * boxes.
 */

import type { IncidentState } from './lives.ts';
import type { Rules } from './organisation.ts';
import type { Refusal } from './refusal.ts';
import type { Environment } from './target.ts';
import { oneLine } from './text.ts';
import { freezeAt, nextWindow, sayInstant, windowAt } from './windows.ts';

/** What people attest. The other two the bot sees for itself: who approves, and whether the window is open. */
export const BOXES = {
  staging: 'Tested in staging',
  rollback: 'The rollback plan is written down',
  monitored: 'Somebody watches it afterwards',
} as const;
export type Box = keyof typeof BOXES;
export const BOX_KEYS: readonly Box[] = ['staging', 'rollback', 'monitored'];

export const LEAD_BOX = 'The technical lead approves';
export const WINDOW_BOX = 'In the maintenance window';

export interface Change {
  readonly system: string;
  readonly environment: Environment;
  /** Not an emergency. */
  readonly planned: boolean;
}

/** What an incident says for a change that is asked for in it. */
export interface Cause {
  readonly state: IncidentState;
  /** Its alerts that Alertmanager has not resolved. */
  readonly firing: number;
  /** Of one opened by hand: the second person, with a role, who says that it is one. */
  readonly confirmedBy: string | null;
}

/** One person's word alone opens no way around the window: an alert fires, or a second person has confirmed. */
export const isEmergency = (cause: Cause | null): boolean =>
  cause !== null && cause.state !== 'resolved' && (cause.firing > 0 || cause.confirmedBy !== null);

export type Calendar = Pick<Rules, 'windows' | 'freezes'>;

/** Asked when somebody asks, when somebody approves, and again right before it starts. Null: nothing bars it now. */
export function barred(change: Change, calendar: Calendar, now: Date): Refusal | null {
  if (change.environment !== 'prod') return null;
  const freeze = freezeAt(calendar.freezes, change.system, now);
  if (freeze !== null) {
    return {
      word: 'freeze',
      sentence: `There is a freeze until ${sayInstant(freeze.to)} (${oneLine(freeze.reason)}): nothing in ${change.system} is changed in production before.`,
    };
  }
  if (!change.planned || windowAt(calendar.windows, now) !== null) return null;
  return { word: 'outside the window', sentence: outside(calendar, now) };
}

/** With when the next one begins. */
export function outside({ windows }: Calendar, now: Date): string {
  const next = nextWindow(windows, now);
  const when =
    next === null
      ? 'No window is planned: see windows in org.yaml.'
      : `The next begins ${sayInstant(next.from)}.`;
  return `This is outside the window for changes to production. ${when} For an incident none is needed while its alert fires, or once a second person with a role has confirmed it.`;
}

/** Five boxes stand before this change. */
export const needsBoxes = (change: Change): boolean => change.environment === 'prod' && change.planned;

export function openBoxes(ticked: readonly string[]): readonly Box[] {
  return BOX_KEYS.filter((box) => !ticked.includes(box));
}
