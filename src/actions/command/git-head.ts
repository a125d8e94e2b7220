/** The commit that is checked out where a program runs, read from git's own files: git itself could run hooks. */
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

const COMMIT = /^[0-9a-f]{40,64}$/u;
const MOST_LINKS = 5;

/** The commit in hex, or null when the folder is in no repository, or one without commits. */
export async function gitHead(folder: string): Promise<string | null> {
  const git = await gitDirectory(folder);
  if (git === null) return null;
  // In a worktree of its own the branches are those of the main one (gitrepository-layout(5), "commondir").
  const common = await text(join(git, 'commondir'));
  const roots = [git, ...(common === null ? [] : [resolve(git, common)])];
  let value = await text(join(git, 'HEAD'));
  for (let links = 0; links < MOST_LINKS && value !== null; links += 1) {
    if (COMMIT.test(value)) return value;
    const name = /^ref: (refs\/[^\0]+)$/u.exec(value)?.[1];
    if (name === undefined || name.includes('..')) return null;
    value = await readRef(roots, name);
  }
  return null;
}

async function gitDirectory(folder: string): Promise<string | null> {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, '.git');
    if ((await text(join(path, 'HEAD'))) !== null) return path;
    const elsewhere = /^gitdir: (.+)$/mu.exec((await text(path)) ?? '')?.[1];
    if (elsewhere !== undefined) return resolve(at, elsewhere);
    if (dirname(at) === at) return null;
  }
}

async function readRef(roots: readonly string[], name: string): Promise<string | null> {
  for (const root of roots) {
    const loose = await text(join(root, name));
    if (loose !== null) return loose;
    const packed = (await text(join(root, 'packed-refs')))?.split('\n') ?? [];
    const line = packed.find((one) => one.endsWith(` ${name}`));
    if (line !== undefined) return line.slice(0, line.indexOf(' '));
  }
  return null;
}

/** Null: there is no such file. */
async function text(path: string): Promise<string | null> {
  return readFile(path, 'utf8').then(
    (content) => content.trim(),
    () => null,
  );
}
