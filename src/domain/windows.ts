/** When changes to production may be made: weekly windows, and freezes that close them. Half-open, pure. */
import { DAY_MS, instantOf, wallAt } from './zone.ts';

export const WEEKDAYS = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export interface MaintenanceWindow {
  readonly every: Weekday | 'day';
  /** Milliseconds of the day on the clocks of `zone`; a `to` that isn't later than `from` is on the next day. */
  readonly from: number;
  readonly to: number;
  readonly zone: string;
}

export interface Freeze {
  readonly from: Date;
  readonly to: Date;
  readonly reason: string;
  /** Null: every system. */
  readonly systems: readonly string[] | null;
}

export interface Interval {
  readonly from: Date;
  readonly to: Date;
}

/** The window that is open at `now`, as the last of several ends; null: none is. */
export function windowAt(windows: readonly MaintenanceWindow[], now: Date): Interval | null {
  const open = windows
    .flatMap((window) => around(window, now, -1, 0))
    .filter(({ from, to }) => from <= now && now < to);
  return open.reduce<Interval | null>((last, one) => (last === null || one.to > last.to ? one : last), null);
}

/** The first that begins after `now`; null: there is none at all. */
export function nextWindow(windows: readonly MaintenanceWindow[], now: Date): Interval | null {
  const coming = windows.flatMap((window) => around(window, now, 0, 8)).filter(({ from }) => from > now);
  return coming.reduce<Interval | null>(
    (first, one) => (first === null || one.from < first.from ? one : first),
    null,
  );
}

/** Its occurrences that begin from `first` to `last` days after today, on its own calendar. */
function around(window: MaintenanceWindow, now: Date, first: number, last: number): readonly Interval[] {
  const wall = wallAt(now, window.zone);
  const today = wall - (((wall % DAY_MS) + DAY_MS) % DAY_MS);
  const days = Array.from({ length: last - first + 1 }, (_, i) => today + (first + i) * DAY_MS);
  const length = window.to > window.from ? window.to - window.from : window.to - window.from + DAY_MS;
  return days
    .filter((day) => window.every === 'day' || WEEKDAYS[new Date(day).getUTCDay()] === window.every)
    .map((day) => ({
      from: instantOf(day + window.from, window.zone),
      to: instantOf(day + window.from + length, window.zone),
    }));
}

/** The freeze that holds for the system at `now`: of several the one that ends last. */
export function freezeAt(freezes: readonly Freeze[], system: string, now: Date): Freeze | null {
  const holding = freezes.filter(
    (freeze) =>
      freeze.from <= now && now < freeze.to && (freeze.systems === null || freeze.systems.includes(system)),
  );
  return holding.reduce<Freeze | null>((last, one) => (last === null || one.to > last.to ? one : last), null);
}

/** `2026-01-10 02:00 UTC`: the same for everybody, as refusals are read aloud on the phone. */
export function sayInstant(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
