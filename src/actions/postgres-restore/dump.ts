/** The file that a restore is made from: in BACKUP_DIR, whole, of a version that this server can take. */
import { join } from 'node:path';
import type { PostgresProgram } from '../../clients/postgres-programs.ts';
import { isRefused, type Refused } from '../../domain/action.ts';
import type { Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import { openBackupFolder } from '../backup-folder.ts';
import { type DumpFormat, dumpFormat, programFor, readDump } from '../postgres/dump-file.ts';
import { allRows, type DumpContents } from '../postgres/scan-dump.ts';
import type { OpenedFile } from './private-copy.ts';

/**
 * psql that keeps a script from running programs, by \restrict: postgresql.org, CVE-2025-8714, fixed in these minor
 * versions and everything from 18 on.
 */
const RESTRICTS: Readonly<Record<number, number>> = { 13: 22, 14: 19, 15: 14, 16: 10, 17: 6 };

export interface Dump {
  /** Where it is read from: in BACKUP_DIR for a plan, a private copy for a load. */
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly format: DumpFormat;
  readonly contents: DumpContents;
  readonly psql: PostgresProgram;
  /** Makes a script of an archive; null for a plain dump, which is one. */
  readonly pgRestore: PostgresProgram | null;
  /** Removes the private copy. */
  close(): Promise<void>;
}

export type OpenFile = (path: string, signal: AbortSignal) => Promise<OpenedFile | Refused>;

export interface DumpSource {
  readonly name: string;
  /** Of the server. */
  readonly major: number;
  readonly folders: readonly string[] | undefined;
  readonly open: OpenFile;
}

/** Reads the whole file, twice: once as it is for its digest, once for what is in it. */
export async function openDump(
  target: Target,
  source: DumpSource,
  signal: AbortSignal,
): Promise<Dump | Refused> {
  const folder = await openBackupFolder(target, 'read');
  if (isRefused(folder)) return folder;
  const file = await source.open(join(folder.path, source.name), signal);
  if (isRefused(file)) return file;
  const dump = await lookInto(file, source, signal).catch(async (error: unknown) => {
    await file.close();
    throw error;
  });
  if (isRefused(dump)) await file.close();
  return dump;
}

async function lookInto(
  file: OpenedFile,
  { name, major, folders }: DumpSource,
  signal: AbortSignal,
): Promise<Dump | Refused> {
  const format = await dumpFormat(file.path);
  if (format === null)
    return { refused: `${name} is neither gzipped SQL nor an archive of pg_dump: it does not begin as one` };
  const psql = await programFor('psql', major, folders);
  if (isRefused(psql)) return psql;
  if (!restricts(psql))
    return {
      refused: `psql ${psql.version} can't be kept from running programs that a dump names: update it`,
    };
  const pgRestore = format === 'plain' ? null : await programFor('pg_restore', major, folders);
  if (pgRestore !== null && isRefused(pgRestore)) return pgRestore;
  const contents = await read(file.path, name, format, pgRestore, signal);
  if (isRefused(contents)) return contents;
  const wrong = whatIsWrong(contents, major);
  if (wrong !== null) return { refused: `${name} ${wrong}` };
  return { ...file, name, format, contents, psql, pgRestore };
}

async function read(
  path: string,
  name: string,
  format: DumpFormat,
  program: PostgresProgram | null,
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
