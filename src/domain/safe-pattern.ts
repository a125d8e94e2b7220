/** Regular expressions written by operators, run by an engine that backtracks: only those that can't run away. */

const LONGEST_PATTERN = 200;
/** With a subject this long, two repeats cost some ten million steps at the very worst. */
const LONGEST_SUBJECT = 500;
const MOST_REPEATS = 2;
const MOST_OPTIONALS = 8;

/** The first 500 characters are looked at. Throws an Error that says why when the pattern is refused. */
export function matchesPattern(pattern: string, subject: string): boolean {
  const problem = patternProblem(pattern);
  if (problem !== null) throw new Error(problem);
  return new RegExp(pattern, 'u').test(subject.slice(0, LONGEST_SUBJECT));
}

/** Null when the pattern is fine; otherwise what is wrong with it. Never nested or stacked repeats, as in RE2. */
export function patternProblem(pattern: string): string | null {
  if (pattern.length > LONGEST_PATTERN) return `the pattern is longer than ${LONGEST_PATTERN} characters`;
  try {
    new RegExp(pattern, 'u');
  } catch {
    return 'the pattern is not a regular expression';
  }
  return runsAway(pattern) ? 'the pattern repeats too much: it could run for ever' : null;
}

function runsAway(pattern: string): boolean {
  // Escapes and classes are one character each; what is left shows its structure.
  if (/\\[1-9]|\\k|\(\?[=!<]/u.test(pattern)) return true;
  const bare = pattern.replace(/\\[pP]\{[^}]*\}|\\u\{[^}]*\}|\\./gu, 'x').replace(/\[[^\]]*\]/gu, 'x');
  const repeats = bare.match(/[*+]|\{\d+(,\d*)?\}/gu)?.length ?? 0;
  const optionals = bare.match(/\?/gu)?.length ?? 0;
  if (repeats > MOST_REPEATS || optionals > MOST_OPTIONALS) return true;
  const open: number[] = [];
  for (let i = 0; i < bare.length; i += 1) {
    if (bare[i] === '(') open.push(i + 1);
    if (bare[i] !== ')') continue;
    const inside = bare.slice(open.pop() ?? 0, i).replace(/^\?:/u, '');
    const repeated = /^[*+{]/u.test(bare.slice(i + 1));
    if (repeated && /[*+{?|]/u.test(inside)) return true;
  }
  return false;
}
