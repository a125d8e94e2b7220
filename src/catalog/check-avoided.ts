/** Paths that no probe may ask, such as one with a limit on its rate that belongs to users. */
import type { Path } from './problem.ts';
import type { YamlFile } from './yaml-file.ts';

/** `asked`: a probe's setting `path`. Reports it when it is one of `avoid`, or under one. */
export function checkAvoided(asked: unknown, avoid: readonly string[], path: Path, file: YamlFile): boolean {
  if (typeof asked !== 'string') return true;
  const [bare = ''] = asked.split('?', 1);
  const found = avoid.find((one) => bare === one || bare.startsWith(`${one}/`));
  if (found === undefined) return true;
  const message = `path is "${asked}"; the service's avoid says that no probe goes to ${found}; expected another path`;
  file.fault([...path, 'path'], message);
  return false;
}
