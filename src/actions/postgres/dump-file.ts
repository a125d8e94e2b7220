/** A dump in BACKUP_DIR: what it is, and what is in it, whichever of the two forms it has. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import {
  findPostgresPrograms,
  fittingProgram,
  type PostgresProgram,
} from '../../clients/postgres-programs.ts';
import { streamProgram } from '../../clients/stream-program.ts';
import type { Refused } from '../../domain/action.ts';
import { oneLine } from '../../domain/text.ts';
import { type DumpContents, scanDump } from './scan-dump.ts';

export type DumpFormat = 'plain' | 'custom';

/** gzip (RFC 1952) and pg_dump's custom archive (pg_backup_archiver.h) say so in their first bytes. */
const GZIP = Buffer.from([0x1f, 0x8b]);
const ARCHIVE = Buffer.from('PGDMP', 'latin1');

export async function dumpFormat(path: string): Promise<DumpFormat | null> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(ARCHIVE.length), 0, ARCHIVE.length, 0);
    if (buffer.subarray(0, GZIP.length).equals(GZIP)) return 'plain';
    return bytesRead === ARCHIVE.length && buffer.equals(ARCHIVE) ? 'custom' : null;
  } finally {
    await file.close();
  }
}

/** Reads all of it. Rejects when it is damaged, or its program can't read it. */
export async function readDump(
  path: string,
  format: DumpFormat,
  restore: PostgresProgram | null,
  signal: AbortSignal,
): Promise<DumpContents> {
  const file = createReadStream(path, { highWaterMark: 1024 * 1024, signal });
  if (format === 'plain') {
    let found: DumpContents | null = null;
    await pipeline(
      file,
      createGunzip({ chunkSize: 1024 * 1024 }),
      async (text) => {
        found = await scanDump(text);
      },
      { signal },
    );
    if (found === null) throw new Error('it could not be read');
    return found;
  }
  if (restore === null) throw new Error('pg_restore is not on this machine');
  let found: DumpContents | null = null;
  const { code, said } = await streamProgram(restore.path, ['--file=-'], {
    env: {},
    signal,
    input: (to) => pipeline(file, to),
    output: async (from) => {
      found = await scanDump(from);
    },
  });
  if (code !== 0 || found === null) throw new Error(`pg_restore can’t read it: ${oneLine(said)}`);
  return found;
}

/** The program of that name for a server of this major version, or what to install. */
export async function programFor(
  name: 'pg_dump' | 'pg_restore' | 'psql',
  major: number,
  folders?: readonly string[],
): Promise<PostgresProgram | Refused> {
  const programs = await findPostgresPrograms(name, folders);
  const install = `install PostgreSQL ${major}'s client programs (Debian: postgresql-client-${major})`;
  const [first] = programs;
  if (first === undefined) return { refused: `${name} is not on this machine: ${install}` };
  const fitting = fittingProgram(programs, major);
  if (fitting !== null) return fitting;
  const newest = programs.reduce((a, b) => (b.major > a.major ? b : a), first);
  return {
    refused: `${name} here is ${newest.version}, older than the server's ${major}, which it can't serve: ${install}`,
  };
}
