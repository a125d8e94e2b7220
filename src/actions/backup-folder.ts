/** The folder of backups and exports: looked at before anyone is asked, and files in it are whole or not there. */
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, link, open, rm, stat, statfs } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { Writable } from 'node:stream';
import { newestFile } from '../clients/newest-file.ts';
import type { Refused } from '../domain/action.ts';
import type { Target } from '../domain/target.ts';
import { oneLine } from '../domain/text.ts';
import { sayAge, sayBytes } from './say-size.ts';

const MODE = 0o600;
/** Of a base name, so that date, time and ending fit beside it in 255 bytes. */
export const BASE_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/u;
/** One file inside the folder: no separators, no hidden ones, nothing that climbs. */
export const FILE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}$/u;

export interface BackupFolder {
  readonly path: string;
  /** Bytes that are free for us. */
  readonly free: number;
}

/** Refuses when it isn't configured, not there, or (unless only read) not writable. */
export async function openBackupFolder(
  target: Target,
  use: 'write' | 'read' = 'write',
): Promise<BackupFolder | Refused> {
  const path = target.declared.backupDir;
  if (path === null)
    return { refused: 'BACKUP_DIR is not set: name the folder that backups are kept in, and restart' };
  if (!isAbsolute(path)) return { refused: `BACKUP_DIR is ${oneLine(path, 100)}; expected an absolute path` };
  try {
    if (!(await stat(path)).isDirectory())
      return { refused: `BACKUP_DIR (${oneLine(path, 100)}) is not a folder` };
    await access(path, use === 'write' ? constants.W_OK | constants.X_OK : constants.R_OK | constants.X_OK);
    const { bavail, bsize } = await statfs(path);
    return { path, free: bavail * bsize };
  } catch (error) {
    const code = codeOf(error);
    const why =
      code === 'ENOENT'
        ? 'is not there'
        : code === 'EACCES' || code === 'EROFS'
          ? `is not ${use === 'write' ? 'writable' : 'readable'} for the bot`
          : `can’t be used (${code})`;
    return {
      refused: `BACKUP_DIR (${oneLine(path, 100)}) ${why}: make the folder, or give the bot’s user the right to it`,
    };
  }
}

export interface Written {
  readonly name: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/**
 * Writes one file: under a name of its own first, on the disk before it gets its name, readable by the bot's user
 * alone, never over another. `check` gets the path of the whole file before it is named, and rejects when it is not
 * good: then nothing is left. The name is `BASE_YYYYMMDD` and the ending, with the time added when that is there.
 */
export async function writeBackup(
  folder: BackupFolder,
  base: string,
  ending: string,
  produce: (to: Writable, bytes: () => number) => Promise<void>,
  check: (path: string) => Promise<void> = async () => undefined,
  now: Date = new Date(),
): Promise<Written> {
  const making = join(folder.path, `.${base}.${randomBytes(6).toString('hex')}.part`);
  const file = await open(making, 'wx', MODE);
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        bytes += chunk.length;
        file.writeFile(chunk).then(() => done(), done);
      },
    });
    // Whoever produces hears of it; without a listener it would end the process.
    sink.on('error', () => undefined);
    await produce(sink, () => bytes);
    if (!sink.writableFinished)
      await new Promise<void>((resolve, reject) => sink.on('error', reject).end(resolve));
    await file.sync();
    await check(making);
    const name = await giveName(folder, making, base, ending, now);
    const directory = await open(folder.path, 'r');
    await directory.sync().finally(() => directory.close());
    return { name, bytes, sha256: hash.digest('hex') };
  } finally {
    await file.close();
    await rm(making, { force: true });
  }
}

/** A hard link fails where the name is taken, which a rename does not. */
async function giveName(
  folder: BackupFolder,
  making: string,
  base: string,
  ending: string,
  now: Date,
): Promise<string> {
  const [day, time] = dayAndTime(now);
  for (const name of [`${base}_${day}${ending}`, `${base}_${day}_${time}${ending}`]) {
    try {
      await link(making, join(folder.path, name));
      return name;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
  throw new Error(`${base}_${day}_${time}${ending} exists already, and is not overwritten`);
}

/** `20240101` and `235959`, in UTC. */
export function dayAndTime(now: Date): readonly [day: string, time: string] {
  const digits = now.toISOString().replace(/\D/gu, '');
  return [digits.slice(0, 8), digits.slice(8, 14)];
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

/** The newest file there whose name fits, as a plan's preview says it. */
export async function sayNewest(folder: BackupFolder, pattern: string): Promise<string> {
  const last = await newestFile(folder.path, pattern);
  if (last === null) return 'there is no earlier one';
  const age = sayAge(Date.now() - last.changedAt);
  return `the last one: ${oneLine(last.name, 120)}, ${sayBytes(last.bytes)}, ${age} old`;
}
