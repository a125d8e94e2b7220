/** The one redaction point: whatever leaves the process or is journalled passes it. It knows every secret value. */
import { encodedForms, SHORTEST_SECRET } from './secret-forms.ts';

export type Redact = <T>(value: T) => T;

export const REDACTED = '[redacted]';

/** Characters of a secret that count as part of it where a text was cut, and of a form that may be folded over lines. */
const PART = 8;
/** Characters: a shorter text was not cut without a mark. */
const SHORTEST_CUT = 100;
const FOLD = /\r?\n[ \t]*/gu;
/** What stands where a text was cut. */
const CUT = '…';

/**
 * Replaces each secret in every string of a value: as it is, in the encodings that programs and servers put it into,
 * folded over lines, and what is left of it where a text was cut. `readable`: names that people must be able to read,
 * also where a secret begins or ends like one.
 */
export function createRedact(secrets: readonly string[], readable: ReadonlySet<string> = new Set()): Redact {
  const forms = [
    ...new Set(secrets.filter((secret) => secret.length >= SHORTEST_SECRET).flatMap(encodedForms)),
  ].sort((a, b) => b.length - a.length);
  const long = forms.filter((form) => form.length > PART);
  const byBeginning = Map.groupBy(long, (form) => form.slice(0, PART));
  const byEnd = Map.groupBy(long, (form) => form.slice(-PART));
  // Most texts are ruled out by one character, without taking them apart.
  const firsts = new Set(long.map((form) => form.charCodeAt(0)));
  const lasts = new Set(long.map((form) => form.charCodeAt(form.length - 1)));
  const longest = forms[0]?.length ?? 0;

  const inText = (text: string): string => {
    let result = text;
    for (const form of forms) if (result.includes(form)) result = result.replaceAll(form, REDACTED);
    if (result.includes('\n')) result = inFolds(result);
    return atCuts(result);
  };

  /** A value that is broken over lines, as base64 and YAML are. */
  function inFolds(text: string): string {
    const flat = text.replace(FOLD, '');
    const found = long.filter((form) => flat.includes(form));
    let result = text;
    for (const form of found) result = result.replace(foldedPattern(form), REDACTED);
    return result;
  }

  /** A text is cut in many places before it comes here: what is left of a secret is none the less part of it. */
  function atCuts(text: string): string {
    const mayBeCut = text.length >= SHORTEST_CUT;
    let result = mayBeCut ? withoutBeginning(text, text.length) : text;
    for (let at = result.indexOf(CUT); at >= 0; at = result.indexOf(CUT, at + 1)) {
      const before = withoutBeginning(result, at);
      at += before.length - result.length;
      result = withoutEnd(before, at + CUT.length);
    }
    return mayBeCut ? withoutEnd(result, 0) : result;
  }

  /** At least half of it, so that a word which it merely begins with stays. */
  const isPartOf = (part: string, form: string): boolean =>
    part.length * 2 >= form.length && !readable.has(part);

  /** `end`: where the text was cut; a beginning of a secret right before it goes. */
  function withoutBeginning(text: string, end: number): string {
    for (let from = Math.max(0, end - longest); from <= end - PART; from += 1) {
      if (!firsts.has(text.charCodeAt(from))) continue;
      const left = byBeginning.get(text.slice(from, from + PART));
      if (left === undefined) continue;
      const part = text.slice(from, end);
      if (left.some((form) => form.startsWith(part) && isPartOf(part, form)))
        return text.slice(0, from) + REDACTED + text.slice(end);
    }
    return text;
  }

  /** `start`: after which the text goes on; an end of a secret right there goes. */
  function withoutEnd(text: string, start: number): string {
    for (let to = Math.min(text.length, start + longest); to >= start + PART; to -= 1) {
      if (!lasts.has(text.charCodeAt(to - 1))) continue;
      const left = byEnd.get(text.slice(to - PART, to));
      if (left === undefined) continue;
      const part = text.slice(start, to);
      if (left.some((form) => form.endsWith(part) && isPartOf(part, form)))
        return text.slice(0, start) + REDACTED + text.slice(to);
    }
    return text;
  }

  const inValue = (value: unknown): unknown => {
    if (typeof value === 'string') return inText(value);
    if (Array.isArray(value)) return value.map(inValue);
    if (value instanceof Date || value === null || typeof value !== 'object') return value;
    if (value instanceof Uint8Array) return value;
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [inText(key), inValue(entry)]));
  };
  return <T>(value: T): T => (forms.length === 0 ? value : (inValue(value) as T));
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/gu, '\\$&');

/** Each character, with a fold allowed behind it. */
const foldedPattern = (form: string): RegExp =>
  new RegExp([...form].map(escapeRegExp).join('(?:\\r?\\n[ \\t]*)?'), 'gu');
