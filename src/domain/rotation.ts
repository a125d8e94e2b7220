/** Who is on call now: shifts of whole days on a wall clock, with overrides laid over them. Pure. */
import { DAY_MS, instantOf, parseWall, wallAt } from './zone.ts';

/** Half-open: at `to` it is over. */
export interface Override {
  readonly from: Date;
  readonly to: Date;
  readonly person: string;
}

export interface Rotation {
  readonly timeZone: string;
  /** `2026-01-05T09:00`, on the clocks of `timeZone`: when the first person's first shift begins. */
  readonly starts: string;
  /** Length of a shift in days, from 1. A day is one on the clocks: 23 or 25 hours when they change. */
  readonly everyDays: number;
  /** Slack user ids, in their order, each once; never empty. */
  readonly people: readonly string[];
  /** The later in the list wins where two overlap. */
  readonly overrides: readonly Override[];
  /** A Slack user id; null: whoever comes next. */
  readonly backup: string | null;
}

export interface Duty {
  readonly person: string;
  /** An override put them there. */
  readonly byOverride: boolean;
  /** When somebody else takes over; null: nobody does within the next shifts. */
  readonly until: Date | null;
  readonly next: string | null;
  /** Who is called when the person doesn't answer; never the same person. */
  readonly backup: string | null;
}

/** Null before the rotation begins, unless an override says otherwise. */
export function dutyAt(rotation: Rotation, now: Date): Duty | null {
  const person = personAt(rotation, now);
  if (person === null) return null;
  const change = nextChange(rotation, now, person);
  const next = change === null ? null : personAt(rotation, change);
  return {
    person,
    byOverride: overrideAt(rotation, now) !== null,
    until: change,
    next,
    backup: backupOf(rotation, now, person),
  };
}

function overrideAt(rotation: Rotation, at: Date): Override | null {
  return rotation.overrides.findLast((one) => one.from <= at && at < one.to) ?? null;
}

function personAt(rotation: Rotation, at: Date): string | null {
  return overrideAt(rotation, at)?.person ?? scheduledAt(rotation, at);
}

function scheduledAt(rotation: Rotation, at: Date): string | null {
  const shift = shiftAt(rotation, at);
  return shift < 0 ? null : (rotation.people[shift % rotation.people.length] ?? null);
}

/** The number of the shift, from 0; negative before the first. */
function shiftAt(rotation: Rotation, at: Date): number {
  const starts = parseWall(rotation.starts) ?? 0;
  const passed = wallAt(at, rotation.timeZone) - starts;
  const shift = Math.floor(passed / (rotation.everyDays * DAY_MS));
  // Clocks that change near a shift's beginning may put the estimate one off.
  if (at < startOf(rotation, shift)) return shift - 1;
  return at >= startOf(rotation, shift + 1) ? shift + 1 : shift;
}

function startOf(rotation: Rotation, shift: number): Date {
  const starts = parseWall(rotation.starts) ?? 0;
  return instantOf(starts + shift * rotation.everyDays * DAY_MS, rotation.timeZone);
}

/** The first edge at which another person is on call. People stand in a rotation once, so few edges change nothing. */
function nextChange(rotation: Rotation, now: Date, person: string): Date | null {
  const edges = rotation.overrides.flatMap(({ from, to }) => [from, to]);
  for (let at = now; ; ) {
    const shift = rotation.people.length > 1 ? [startOf(rotation, shiftAt(rotation, at) + 1)] : [];
    const [next] = [...shift, ...edges].filter((edge) => edge > at).sort((a, b) => a.getTime() - b.getTime());
    if (next === undefined) return null;
    if (personAt(rotation, next) !== person) return next;
    at = next;
  }
}

/** The named backup; else the one whose shift comes next, who isn't the person themselves. */
function backupOf(rotation: Rotation, now: Date, person: string): string | null {
  if (rotation.backup !== null && rotation.backup !== person) return rotation.backup;
  const shift = shiftAt(rotation, now);
  for (let ahead = 1; ahead <= rotation.people.length; ahead += 1) {
    const candidate = rotation.people[Math.max(0, shift + ahead) % rotation.people.length];
    if (candidate !== undefined && candidate !== person) return candidate;
  }
  return null;
}
