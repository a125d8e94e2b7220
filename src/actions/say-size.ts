/** Sizes, counts and ages in the words of a plan. */
import { sayDuration } from '../domain/duration.ts';

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `512 B`, `1.3 MiB`: binary units, one decimal. */
export function sayBytes(bytes: number): string {
  let value = bytes;
  let said = `${Math.round(bytes)} B`;
  for (const unit of UNITS) {
    if (value < 1024) break;
    value /= 1024;
    said = `${value < 100 ? value.toFixed(1) : Math.round(value)} ${unit}`;
  }
  return said;
}

/** `1 key`, `12,400 keys`. */
export function sayCount(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}

const DAY_MS = 86_400_000;

/** `3 days`, `2 h 5 min`, `under a minute`: the age of something, from milliseconds. */
export function sayAge(ms: number): string {
  if (ms < 60_000) return 'under a minute';
  return ms >= 2 * DAY_MS ? `${Math.floor(ms / DAY_MS)} days` : sayDuration(Math.floor(ms / 60_000) * 60_000);
}
