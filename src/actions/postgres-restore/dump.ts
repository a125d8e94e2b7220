/** The file that a restore is made from: in BACKUP_DIR, whole, of a version that this server can take. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { PostgresProgram } from '../../clients/postgres-programs.ts';
import { isRefused, type Refused } from '../../domain/action.ts';
import type { Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import { openBackupFolder } from '../backup-folder.ts';
import { type DumpFormat, dumpFormat, programFor, readDump } from '../postgres/dump-file.ts';
import { allRows, type DumpContents } from '../postgres/scan-dump.ts';

/**
 * psql that keeps a script from running programs, by \restrict: postgresql.org, CVE-2025-8714, fixed in these minor
 * versions and everything from 18 on.
 */
const RESTRICTS: Readonly<Record<number, number>> = { 13: 22, 14: 19, 15: 14, 16: 10, 17: 6 };

export interface Dump {
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly format: DumpFormat;
  readonly contents: DumpContents;
  /** psql or pg_restore. */
  readonly program: PostgresProgram;
}

/** Reads the whole file, twice: once as it is for its digest, once for what is in it. */
export async function openDump(
  target: Target,
  name: string,
  major: number,
  signal: AbortSignal,
  folders: readonly string[] | undefined,
): Promise<Dump | Refused> {
  const folder = await openBackupFolder(target, 'read');
  if (isRefused(folder)) return folder;
  const path = join(folder.path, name);
  const about = await lstat(path).catch(() => null);
  if (about === null) return { refused: `there is no file ${oneLine(name, 200)} in BACKUP_DIR` };
  if (!about.isFile()) return { refused: `${oneLine(name, 200)} in BACKUP_DIR is no regular file` };
  const format = await dumpFormat(path);
  if (format === null)
    return { refused: `${name} is neither gzipped SQL nor an archive of pg_dump: it does not begin as one` };
  const program = await programFor(format === 'plain' ? 'psql' : 'pg_restore', major, folders);
  if (isRefused(program)) return program;
  if (format === 'plain' && !restricts(program))
    return {
      refused: `psql ${program.version} can't be kept from running programs that a dump names: update it`,
    };
  const sha256 = await digestOf(path, signal);
  const contents = await read(path, name, format, program, signal);
  if (isRefused(contents)) return contents;
  const wrong = whatIsWrong(contents, major);
  if (wrong !== null) return { refused: `${name} ${wrong}` };
  return { path, name, bytes: about.size, sha256, format, contents, program };
}

async function read(
  path: string,
  name: string,
  format: DumpFormat,
  program: PostgresProgram,
  signal: AbortSignal,
): Promise<DumpContents | Refused> {
  try {
    return await readDump(path, format, program, signal);
  } catch (error) {
    signal.throwIfAborted();
    return {
      refused: `${name} is damaged: ${oneLine(error instanceof Error ? error.message : String(error))}`,
    };
  }
}

function whatIsWrong(contents: DumpContents, major: number): string | null {
  if (!contents.complete) return 'is not complete: it does not end as pg_dump ends a dump';
  if (contents.dumpedFrom === null) return "does not say which version of PostgreSQL it's from";
  if (Number(contents.dumpedFrom.split('.')[0]) > major)
    return `is from PostgreSQL ${contents.dumpedFrom}, newer than this server's ${major}`;
  if (contents.tables === 0) return 'holds no tables';
  return allRows(contents) === 0 ? 'holds no rows that can be counted' : null;
}

export function restricts({ version, major }: PostgresProgram): boolean {
  if (major >= 18) return true;
  const least = RESTRICTS[major];
  return least !== undefined && Number(version.split('.')[1] ?? 0) >= least;
}

/** SHA-256 of a file, hexadecimal. */
export async function digestOf(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash, { signal });
  return hash.digest('hex');
}
