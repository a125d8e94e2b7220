/** A copy that nobody who may write to BACKUP_DIR can change: what is hashed, compared and loaded is this one file. */
import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { lstat, mkdtemp, open, rm, stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isRefused, type Refused } from '../../domain/action.ts';
import { oneLine } from '../../domain/text.ts';
import { sayBytes } from '../say-size.ts';

const PART_BYTES = 1024 * 1024;

export interface OpenedFile {
  /** Where it is read from now. */
  readonly path: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
  /** Removes the copy, where there is one. */
  close(): Promise<void>;
}

/** The file as it lies there, for a plan. A link is not followed. */
export async function openInPlace(path: string, signal: AbortSignal): Promise<OpenedFile | Refused> {
  const bytes = await sizeOf(path);
  if (isRefused(bytes)) return bytes;
  return { path, bytes: bytes.size, sha256: await digestOf(path, signal), close: async () => undefined };
}

/** A copy in a folder of its own (TMPDIR), readable by the bot's user alone; its digest is taken of the copy. */
export async function openCopy(path: string, signal: AbortSignal): Promise<OpenedFile | Refused> {
  const bytes = await sizeOf(path);
  if (isRefused(bytes)) return bytes;
  const { bavail, bsize } = await statfs(tmpdir());
  if (bavail * bsize < bytes.size)
    return {
      refused: `no room for a private copy of the file: ${sayBytes(bytes.size)}, and ${tmpdir()} (TMPDIR) has ${sayBytes(bavail * bsize)}`,
    };
  const folder = await mkdtemp(join(tmpdir(), 'pageturner-restore-'));
  const close = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const copy = join(folder, 'dump');
    const [from, to] = await Promise.all([
      open(path, constants.O_RDONLY | constants.O_NOFOLLOW),
      open(copy, 'wx', 0o600),
    ]);
    await pipeline(from.createReadStream({ highWaterMark: PART_BYTES }), to.createWriteStream(), { signal });
    const { size } = await stat(copy);
    return { path: copy, bytes: size, sha256: await digestOf(copy, signal), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function sizeOf(path: string): Promise<{ readonly size: number } | Refused> {
  const about = await lstat(path).catch(() => null);
  const name = oneLine(basename(path), 200);
  if (about === null) return { refused: `there is no file ${name} in BACKUP_DIR` };
  return about.isFile() ? { size: about.size } : { refused: `${name} in BACKUP_DIR is no regular file` };
}

/** SHA-256 of a file, hexadecimal. */
async function digestOf(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: PART_BYTES }), hash, { signal });
  return hash.digest('hex');
}
