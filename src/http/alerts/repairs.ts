/**
 * Values of a body that the journal can't hold as they are, or that have another type than they should, become such as
 * it can hold. Alertmanager never sends again what was refused with 4xx: one bad label must not silence an alert.
 */
import { createHash } from 'node:crypto';
import { cut, plain } from '../../domain/text.ts';

/** Kept of a label or annotation; what is longer is cut with an ellipsis. */
const LONGEST_VALUE = 4096;
/** Names longer than this are cut, with a hash that keeps two of them apart. */
const LONGEST_NAME = 256;
/** A key of an index: PostgreSQL takes some 2,700 bytes. */
const LONGEST_KEY = 512;
/** PostgreSQL's `integer`. */
const LARGEST_COUNT = 2_147_483_647;
/** What is kept of a list of repairs. */
const MOST_REPAIRS = 10;
const REPLACEMENT = '\ufffd';
const FIRST_YEAR = Date.UTC(1970, 0, 1);
const LAST_YEAR = Date.UTC(9999, 11, 31, 23, 59, 59);
/** Go's `time.Time` as text, which Amazon's templates write: `2026-11-27 11:00:00.5 +0000 UTC`. */
const GO_TIME =
  /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?) ([+-]\d\d)(\d\d)(?: [A-Z]\w*)?(?: m=[+-][\d.]+)?$/u;

/** Takes down what was repaired, where. */
export type Note = (place: string, what: string) => void;

export interface Repairs {
  readonly note: Note;
  readonly list: () => readonly string[];
}

export function createRepairs(): Repairs {
  const said: string[] = [];
  let more = 0;
  return {
    note(place, what) {
      if (said.length < MOST_REPAIRS) said.push(`${cut(plain(place.toWellFormed()), 120)} ${what}`);
      else more += 1;
    },
    list: () => (more === 0 ? said : [...said, `${more} more`]),
  };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Without what no text column holds: NUL, half a surrogate pair. */
function holdable(value: string, place: string, note: Note): string {
  if (value.isWellFormed() && !value.includes('\u0000')) return value;
  note(place, `held characters that can’t be kept (shown as ${REPLACEMENT})`);
  return value.toWellFormed().replaceAll('\u0000', REPLACEMENT);
}

/** Null: nothing is there. */
export function readText(value: unknown, place: string, note: Note): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return cut(plain(holdable(value, place, note)), LONGEST_VALUE);
  note(place, `was ${typeof value === 'object' ? 'a list or map' : `a ${typeof value}`}, not a text`);
  return cut(plain(holdable(asJson(value), place, () => undefined)), LONGEST_VALUE);
}

function asJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    // Nested deeper than the stack.
    return REPLACEMENT;
  }
}

/** Labels or annotations. Anything but a map is none. */
export function readPairs(value: unknown, place: string, note: Note): Readonly<Record<string, string>> {
  if (value === null || value === undefined) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    note(place, 'was no map and is left out');
    return {};
  }
  const pairs = Object.entries(value).flatMap(([name, one]): [string, string][] => {
    const text = readText(one, `${place}.${name}`, note);
    return text === null ? [] : [[readName(name, place, note), text]];
  });
  return Object.fromEntries(pairs);
}

function readName(name: string, place: string, note: Note): string {
  const kept = holdable(name, `${place}.${name.slice(0, 40)}`, note);
  if (kept.length <= LONGEST_NAME) return kept;
  note(place, `had a name of ${name.length} characters (cut)`);
  return `${cut(kept, LONGEST_NAME - 17)}${sha256(kept).slice(0, 16)}`;
}

/** A key that is looked up: as it is, or its beginning and its hash where it is longer than an index holds. */
export function readKey(value: unknown, place: string, note: Note): string | null {
  if (typeof value !== 'string' || value === '') return null;
  const kept = holdable(value, place, note);
  if (Buffer.byteLength(kept) <= LONGEST_KEY) return kept;
  note(place, `was ${value.length} characters long (hashed)`);
  return `${cut(plain(kept), 100)} sha256:${sha256(kept)}`;
}

/** A count from 0 to what a column holds. */
export function readCount(value: unknown, place: string, note: Note): number {
  if (value === null || value === undefined) return 0;
  const given = Number(value);
  const count = Number.isNaN(given) ? 0 : Math.min(LARGEST_COUNT, Math.max(0, Math.trunc(given)));
  if (count !== value) note(place, `was no count (taken as ${count})`);
  return count;
}

/** Between 1970 and 9999, in UTC. Null: nothing is there, or nothing that is a time. */
export function readTime(value: unknown, place: string, note: Note): string | null {
  if (value === null || value === undefined || value === '') return null;
  const ms = typeof value === 'string' ? Date.parse(fromGo(value)) : Number.NaN;
  if (Number.isNaN(ms)) {
    note(place, 'was no time (left out)');
    return null;
  }
  const kept = Math.min(LAST_YEAR, Math.max(FIRST_YEAR, ms));
  if (kept !== ms)
    note(place, `was outside the years 1970 to 9999 (taken as ${new Date(kept).toISOString()})`);
  return new Date(kept).toISOString();
}

const fromGo = (text: string): string => text.replace(GO_TIME, '$1T$2$3:$4');
