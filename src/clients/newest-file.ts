/** The newest file of a folder by its name's pattern: how old the last backup is. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface Found {
  readonly name: string;
  readonly bytes: number;
  /** Unix milliseconds. */
  readonly changedAt: number;
}

/** The newest regular file whose name matches (`*` any text, `?` one character), or null. */
export async function newestFile(path: string, pattern: string): Promise<Found | null> {
  const matches = globPattern(pattern);
  let newest: Found | null = null;
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (!entry.isFile() || entry.name.startsWith('.') || !matches.test(entry.name)) continue;
    // Gone since it was listed: as if it had never been there.
    const about = await stat(join(path, entry.name)).catch(() => null);
    if (about === null || (newest !== null && about.mtimeMs <= newest.changedAt)) continue;
    newest = { name: entry.name, bytes: about.size, changedAt: about.mtimeMs };
  }
  return newest;
}

function globPattern(pattern: string): RegExp {
  const parts = pattern
    .split(/([*?])/u)
    .map((part) =>
      part === '*'
        ? '[^/]*'
        : part === '?'
          ? '[^/]'
          : part.replace(/[^A-Za-z0-9_]/gu, (c) => `\\u{${c.codePointAt(0)?.toString(16)}}`),
    );
  return new RegExp(`^${parts.join('')}$`, 'u');
}
