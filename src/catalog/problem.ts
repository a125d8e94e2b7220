/** What is wrong in a catalog, and exactly where. */
export { type Place as Path, show } from '../domain/placed-problem.ts';

export interface Problem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly col: number;
  /** What was found, what was expected, and the nearest valid name. */
  readonly message: string;
  /** The environment variable to mend, when the file itself is fine. */
  readonly variable?: string;
}

/** `FILE:LINE:COL: MESSAGE` */
export function formatProblem(problem: Problem): string {
  return `${problem.file}:${problem.line}:${problem.col}: ${problem.message}`;
}

/** Where problems are put while a catalog is read. */
export interface Report {
  add(problem: Problem): void;
  /** In the order of files and lines, each once. */
  list(): readonly Problem[];
}

export function createReport(): Report {
  const problems = new Map<string, Problem>();
  return {
    add: (problem) => {
      // A variable that several systems read is told once.
      const key = problem.variable === undefined ? formatProblem(problem) : problem.message;
      if (!problems.has(key)) problems.set(key, problem);
    },
    list: () =>
      [...problems.values()].sort(
        (a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.col - b.col,
      ),
  };
}
