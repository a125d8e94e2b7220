/** Wall clocks: what people write in rotas and windows, and the instant that it means. Pure, by Intl's own zone rules. */

/** Milliseconds as if the wall clock stood in UTC: only differences and calendar parts of it mean anything. */
export type WallMs = number;

export const DAY_MS = 86_400_000;

export function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: name }) !== null;
  } catch {
    return false;
  }
}

/** `2026-01-05T09:00` or `2026-01-05` (its midnight), or null when there is no such day or time. */
export function parseWall(text: string): WallMs | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::00)?)?$/u.exec(text.trim());
  if (match === null) return null;
  const [, year = '', month = '', day = '', hour = '00', minute = '00'] = match;
  const ms = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute));
  return new Date(ms).toISOString().startsWith(`${year}-${month}-${day}T${hour}:${minute}`) ? ms : null;
}

/** `02:00` as milliseconds of the day; `24:00` is its end. Null: no such time. */
export function parseTimeOfDay(text: string): number | null {
  const match = /^([01]\d|2[0-4]):([0-5]\d)$/u.exec(text.trim());
  if (match === null) return null;
  const ms = Number(match[1]) * 3_600_000 + Number(match[2]) * 60_000;
  return ms <= DAY_MS ? ms : null;
}

/** What the clocks of `zone` show at that instant. @throws when there is no such zone. */
export function wallAt(instant: Date, zone: string): WallMs {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(instant);
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value ?? 0);
  const whole = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return whole + (((instant.getTime() % 1000) + 1000) % 1000);
}

/**
 * The instant at which the clocks of `zone` show it. A time that comes twice when clocks go back is its first; one that
 * is skipped when they go forward is as many minutes later as the clocks jump.
 */
export function instantOf(wall: WallMs, zone: string): Date {
  const offsetAt = (ms: number): number => wallAt(new Date(ms), zone) - ms;
  // No zone's offset changes twice within two days.
  const before = offsetAt(wall - DAY_MS);
  const after = offsetAt(wall + DAY_MS);
  const candidates = [wall - before, wall - after].sort((a, b) => a - b);
  const exact = candidates.find((ms) => wallAt(new Date(ms), zone) === wall);
  return new Date(exact ?? wall - before);
}
