/** Paths that no probe may ask, such as one with a limit on its rate that belongs to users. */
import type { PlacedProblem } from './placed-problem.ts';

/** `asked`: a probe's setting `path`. A problem when it is one of `avoid`, or under one. */
export function avoidedProblems(asked: unknown, avoid: readonly string[]): readonly PlacedProblem[] {
  if (typeof asked !== 'string') return [];
  const [bare = ''] = asked.split('?', 1);
  const found = avoid.find((one) => bare === one || bare.startsWith(`${one}/`));
  if (found === undefined) return [];
  const message = `path is "${asked}"; the service's avoid says that no probe goes to ${found}; expected another path`;
  return [{ path: ['path'], message }];
}
