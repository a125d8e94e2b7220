/** Something that is wrong in what a person wrote, as a value: where, and in words. */
export type Place = readonly PropertyKey[];

export interface PlacedProblem {
  /** From the top of what was looked at: `['holds', 'used_percent']`. */
  readonly path: Place;
  /** What was found, what was expected, and the nearest valid name. */
  readonly message: string;
  /** The key itself is wrong, not its value. */
  readonly at?: 'key';
}

/** The same problems, seen from above: `path` leads to what was looked at. */
export const inside = (path: Place, problems: readonly PlacedProblem[]): readonly PlacedProblem[] =>
  problems.map((problem) => ({ ...problem, path: [...path, ...problem.path] }));

/** `"x"`, `5`, `a list`: a value, in a message. */
export function show(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
