/** A folder of this machine and the program in it or on PATH: looked at, never run. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, readFile, realpath, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { delimiter, isAbsolute, join, resolve, sep } from 'node:path';
import type { Refused } from '../../domain/action.ts';
import { oneLine } from '../../domain/text.ts';
import { sayBytes } from '../say-size.ts';
import type { Env } from './environment.ts';
import { gitHead } from './git-head.ts';
import type { Place } from './place.ts';

/** Larger programs are recognised by size and time: a plan shall not read a hundred megabytes. */
const HASHED_BYTES = 8 * 1_048_576;

/**
 * Identity: this machine, the folder's and the program's real paths, the program's content, and the commit that is
 * checked out there. What the program itself reads later (a Makefile, a dump) is not in it.
 */
export async function inspectFolder(
  declared: string,
  argv: readonly string[],
  env: Env,
  signal: AbortSignal,
): Promise<Place | Refused> {
  if (!isAbsolute(declared))
    return { refused: `the folder ${declared} is no absolute path: say the whole of it` };
  const folder = await realpath(declared).catch(() => null);
  if (folder === null || !(await stat(folder)).isDirectory()) {
    return { refused: `there is no folder ${oneLine(declared)} on ${hostname()}` };
  }
  const [name = ''] = argv;
  const file = await findFile(name, folder, env);
  if (file === null) {
    const where = name.includes('/') ? `in ${folder}` : "on the bot's PATH";
    return {
      refused: `there is no program ${oneLine(name)} ${where} on ${hostname()}: install it, or mend system.yaml`,
    };
  }
  const path = await realpath(file);
  const [content, commit] = await Promise.all([fingerprint(path, signal), gitHead(folder)]);
  return {
    kind: 'folder',
    name: folder,
    folder,
    file,
    marker: null,
    identity: { host: hostname(), folder, program: path, program_content: content, git_head: commit },
    preview: [
      `in ${folder} on ${hostname()}, as this bot's own user`,
      `program ${path}${commit === null ? '' : ` · commit ${commit.slice(0, 12)}`}`,
    ],
  };
}

/** `make` is looked for on PATH; `./seed` must lie in the folder itself, whatever links lead there. */
async function findFile(name: string, folder: string, env: Env): Promise<string | null> {
  if (!name.includes('/')) {
    for (const part of (env.PATH ?? '').split(delimiter).filter(isAbsolute)) {
      const file = join(part, name);
      if (await isProgram(file)) return file;
    }
    return null;
  }
  const file = resolve(folder, name);
  if (!(await isProgram(file))) return null;
  if (isAbsolute(name)) return file;
  return (await realpath(file)).startsWith(`${folder}${folder.endsWith(sep) ? '' : sep}`) ? file : null;
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

async function fingerprint(path: string, signal: AbortSignal): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  if (size > HASHED_BYTES) return `${sayBytes(size)} of ${new Date(mtimeMs).toISOString()} (${size} B)`;
  return `sha256 ${createHash('sha256')
    .update(await readFile(path, { signal }))
    .digest('hex')}`;
}
