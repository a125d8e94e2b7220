/**
 * Regular expressions written by operators and in labels' matchers, run by RE2 as Prometheus and Alertmanager run theirs
 * (github.com/google/re2/wiki/Syntax): time grows with the text alone, whatever the pattern.
 */
import { RE2JS } from 're2js';

const LONGEST_PATTERN = 1000;
/** Characters that are looked at. */
const LONGEST_SUBJECT = 10_000;
const KEPT = 500;
/** A pattern's meaning never changes; the oldest are forgotten first. */
const compiled = new Map<string, RE2JS>();

/** Whether it is found anywhere in the first 10,000 characters. @throws Error that says why the pattern is refused. */
export function matchesPattern(pattern: string, subject: string): boolean {
  return compile(pattern).matcher(subject.slice(0, LONGEST_SUBJECT)).find();
}

/** Whether it matches the whole text. @throws Error that says why the pattern is refused. */
export function matchesWhole(pattern: string, subject: string): boolean {
  return subject.length <= LONGEST_SUBJECT && compile(pattern).matcher(subject).matches();
}

/** Null when the pattern is fine; otherwise what is wrong with it. */
export function patternProblem(pattern: string): string | null {
  try {
    compile(pattern);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function compile(pattern: string): RE2JS {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  if (pattern.length > LONGEST_PATTERN)
    throw new Error(`the pattern is longer than ${LONGEST_PATTERN} characters`);
  let made: RE2JS;
  try {
    made = RE2JS.compile(pattern);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`the pattern is not a regular expression of RE2 (${why})`, { cause: error });
  }
  compiled.set(pattern, made);
  for (const oldest of compiled.keys()) {
    if (compiled.size <= KEPT) break;
    compiled.delete(oldest);
  }
  return made;
}
