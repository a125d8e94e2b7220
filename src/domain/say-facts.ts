/** Facts for people: `used_memory_bytes: 65011712` is "used memory 62.0 MiB". */
import type { Facts, FactValue } from './probe.ts';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** Bytes in binary units, one decimal from KiB up. */
export function saySize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

export function sayFact(name: string, value: FactValue): string {
  const words = name.replace(/_(bytes|percent|ms|seconds)$/u, '').replaceAll('_', ' ');
  if (value === null) return `${words} not known`;
  if (typeof value === 'number' && name.endsWith('_bytes')) return `${words} ${saySize(value)}`;
  if (name.endsWith('_percent')) return `${words} ${value} %`;
  if (name.endsWith('_ms')) return `${words} ${value} ms`;
  if (name.endsWith('_seconds')) return `${words} ${value} s`;
  return `${words} ${value}`;
}

/** At most `max` of them, in the probe's order. */
export function sayFacts(facts: Facts, max = 8): string {
  return Object.entries(facts)
    .slice(0, max)
    .map(([name, value]) => sayFact(name, value))
    .join(' · ');
}
