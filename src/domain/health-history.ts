/** What health was, for people: since when, an hour in each square, and the part of the time it answered. */
import { sayDuration } from './duration.ts';
import type { ProbeState } from './probe.ts';

export interface HealthState {
  readonly service: string;
  readonly state: ProbeState;
  readonly since: Date;
}

export interface HealthHour {
  /** Hours before now: 0 is the hour that ends now. */
  readonly ago: number;
  readonly worst: ProbeState;
}

export interface HealthHistory {
  /** Hours in which somebody looked, of the last 24. */
  readonly hours: readonly HealthHour[];
  /**
   * Part of the time it answered (up or degraded), 0 to 1; null: nobody looked. Every five minutes count the same,
   * however often anyone looked in them.
   */
  readonly day: number | null;
  readonly month: number | null;
  /** Since when anybody has looked, within 30 days. */
  readonly from: Date | null;
}

const HOURS = 24;
/** What is known begins with five minutes of which only the end may have been looked at. */
const FIRST_MS = 15 * 60_000;
const SQUARE: Readonly<Record<ProbeState, string>> = { up: '🟩', degraded: '🟨', down: '🟥', unknown: '⬜' };

export const STRIP_SAYS =
  'an hour each, the last one now · 🟩 up · 🟨 was degraded · 🟥 was down · ⬜ not known, or nobody looked';

/** 24 squares, the oldest hour first. */
export function uptimeStrip(hours: readonly HealthHour[]): string {
  const worst = new Map(hours.map((hour) => [hour.ago, hour.worst]));
  return Array.from({ length: HOURS }, (_, i) => SQUARE[worst.get(HOURS - 1 - i) ?? 'unknown']).join('');
}

/** `99.95 %`; never 100 when a part is missing. Null: not known. */
export function sayShare(share: number | null): string | null {
  if (share === null) return null;
  const percent = Math.floor(share * 100_000) / 1000;
  return `${share === 1 ? 100 : percent} %`;
}

/** `available 99.3 % of the last 24 hours, 99.9 % of the last 30 days`; null: nobody has looked. */
export function sayAvailability(history: HealthHistory, now: Date): string | null {
  const [day, month] = [sayShare(history.day), sayShare(history.month)];
  if (month === null || history.from === null) return null;
  const watchedMs = now.getTime() - history.from.getTime();
  if (watchedMs < FIRST_MS) return `available ${month} of the first minutes in which anybody looked`;
  const days = Math.round(watchedMs / 86_400_000);
  if (watchedMs <= HOURS * 3_600_000) {
    return `available ${month} of the ${sayDuration(Math.floor(watchedMs / 60_000) * 60_000)} watched so far`;
  }
  const recent = day === null ? '' : `${day} of the last 24 hours, `;
  return `available ${recent}${month} of the last ${Math.min(days, 30)} days`;
}

/** `17 min`: how long it has been so; null when it began no earlier than `now`. */
export function sayFor(since: Date, now: Date): string | null {
  const ms = now.getTime() - since.getTime();
  if (ms < 1000) return null;
  const days = Math.floor(ms / 86_400_000);
  if (days >= 2) return `${days} days`;
  return ms < 60_000 ? sayDuration(ms) : sayDuration(Math.floor(ms / 60_000) * 60_000);
}
