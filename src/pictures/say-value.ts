/** Numbers on an axis: short, and in the unit's own way. */
import { saySize } from '../domain/say-facts.ts';

const STEPS: readonly (readonly [number, string])[] = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
];

/** `1500` is `1.5k`, 62 MiB of bytes is `62 MiB`, `0.25` seconds is `250 ms`. */
export function sayValue(value: number, unit: string | null): string {
  switch (unit) {
    case 'bytes':
      return saySize(Math.round(value)).replace('.0 ', ' ');
    case 'percent':
      return `${short(value)} %`;
    case 'seconds':
      return sayTime(value);
    case null:
      return short(value);
    default:
      return `${short(value)} ${unit}`;
  }
}

function sayTime(seconds: number): string {
  const size = Math.abs(seconds);
  if (size === 0) return '0';
  if (size < 1) return `${short(seconds * 1000)} ms`;
  return size < 120 ? `${short(seconds)} s` : `${short(seconds / 60)} min`;
}

function short(value: number): string {
  const size = Math.abs(value);
  for (const [step, letter] of STEPS) if (size >= step) return `${trim(value / step)}${letter}`;
  return trim(value);
}

/** At most three digits that mean something; no zeros behind the point. */
const trim = (value: number): string => String(Number(value.toPrecision(3)));
