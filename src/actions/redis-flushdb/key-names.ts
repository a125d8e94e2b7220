/** Key names shown to people: names are data, and often hold somebody's address or a session's secret. */
import { cut, oneLine } from '../../domain/text.ts';

const LONGEST_READ = 512;
const LONGEST_SHOWN = 60;
const LONGEST_PATTERN = 40;

/** One line of at most 60 characters; e-mail addresses, long numbers and tokens masked. */
export function shownKeyName(key: Buffer): string {
  return cut(masked(key), LONGEST_SHOWN);
}

/** `session:*`, `fluxpay:idem:*`: at most two leading parts, without those that vary from key to key. */
export function keyPattern(key: Buffer): string {
  const parts = masked(key).split(/[:/|]/u);
  if (parts.length === 1) return '(no prefix)';
  const leading = parts.slice(0, -1).slice(0, 2);
  return cut(`${leading.map((part) => (/\d|…/u.test(part) ? '*' : part)).join(':')}:*`, LONGEST_PATTERN);
}

function masked(key: Buffer): string {
  return oneLine(key.subarray(0, LONGEST_READ).toString('utf8'), LONGEST_READ)
    .replace(/[^\s@:/|]{1,64}@[^\s@:/|]{1,255}/gu, '…@…')
    .replace(/[A-Za-z0-9_-]{20,}/gu, (run) => (/\d/u.test(run) ? `${run.slice(0, 4)}…` : run))
    .replace(/\d{6,}/gu, (run) => `${run.slice(0, 2)}…`);
}
