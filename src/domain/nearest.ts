/** "Did you mean …?": the known name that a mistyped one is closest to. */

const LONGEST = 80;

/**
 * The candidate that needs the fewest edits (insert, delete, replace, swap neighbours) to become `word`, ignoring
 * case, or null when none is near: at most a third of the word's length, and never more than three edits.
 */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  const wanted = word.toLowerCase().slice(0, LONGEST);
  let best: string | null = null;
  let fewest = Math.min(3, Math.max(1, Math.floor(wanted.length / 3))) + 1;
  for (const candidate of candidates) {
    const edits = editDistance(wanted, candidate.toLowerCase().slice(0, LONGEST));
    if (edits < fewest) {
      best = candidate;
      fewest = edits;
    }
  }
  return best;
}

/** Optimal string alignment distance: Levenshtein's, with a swap of two neighbours as one edit. */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let edits = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        edits = Math.min(edits, at(before, j - 2) + 1);
      }
      row.push(edits);
    }
    before = last;
    last = row;
  }
  return at(last, b.length);
}

const at = (row: readonly number[], index: number): number => row[index] ?? Number.POSITIVE_INFINITY;

/** `; did you mean "redis"?`, or nothing when no name is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const found = nearest(word, candidates);
  return found === null ? '' : `; did you mean "${found}"?`;
}

/** `there is no probe "htpp"; did you mean "http"?`, or all that there are when none is near. */
export function unknownName(what: string, name: string, known: Iterable<string>): string {
  const list = [...known].sort();
  const near = didYouMean(name, list);
  return `there is no ${what} "${name}"${near === '' ? `; expected one of ${list.join(', ')}` : near}`;
}
