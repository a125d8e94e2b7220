/** An alert's fingerprint, for senders that give none: made of its labels as Alertmanager makes it. */
import type { Labels } from './matchers.ts';

/** FNV-1a, 64 bits (github.com/prometheus/common, model/signature.go: names sorted, each part ended by 0xff). */
const OFFSET = 14_695_981_039_346_656_037n;
const PRIME = 1_099_511_628_211n;
const MASK = 0xffff_ffff_ffff_ffffn;
const SEPARATOR = 0xff;

/** Sixteen hexadecimal digits. */
export function fingerprintOf(labels: Labels): string {
  const byBytes = Object.entries(labels).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  let sum = OFFSET;
  const add = (byte: number): void => {
    sum = ((sum ^ BigInt(byte)) * PRIME) & MASK;
  };
  for (const part of byBytes.flat()) {
    for (const byte of Buffer.from(part)) add(byte);
    add(SEPARATOR);
  }
  return sum.toString(16).padStart(16, '0');
}
