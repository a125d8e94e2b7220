/** What a test file reaches through the imports of its own side: the files of test/, as deep as they go. */
import { readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

const IMPORT = /(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+\.ts)'/gu;

export interface Reached {
  readonly path: string;
  readonly text: string;
}

/** `root`: the folder that is followed; what is imported from elsewhere (src/) is left out. */
export function importClosure(file: string, root: string): readonly Reached[] {
  const reached = new Map<string, Reached>();
  const visit = (path: string): void => {
    if (reached.has(path) || !path.startsWith(root + sep)) return;
    const text = readFileSync(path, 'utf8');
    reached.set(path, { path, text });
    for (const [, target = ''] of text.matchAll(IMPORT)) visit(join(dirname(path), target));
  };
  visit(file);
  return [...reached.values()];
}
