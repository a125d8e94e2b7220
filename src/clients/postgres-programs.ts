/** PostgreSQL's own programs on this machine, and how they are told where to connect: by environment, never by argument. */
import { execFile } from 'node:child_process';
import { access, constants, readdir, realpath } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Where Debian and Ubuntu keep each major version's programs. */
const DEBIAN = '/usr/lib/postgresql';
const VERSION_MS = 5000;

export interface PostgresProgram {
  readonly path: string;
  /** `15.18`. */
  readonly version: string;
  readonly major: number;
}

/** Folders with programs: Debian's by version, then PATH's. */
export async function programFolders(path: string = process.env.PATH ?? ''): Promise<readonly string[]> {
  const versions = await readdir(DEBIAN).catch(() => []);
  return [
    ...versions.map((version) => join(DEBIAN, version, 'bin')),
    ...path.split(delimiter).filter(Boolean),
  ];
}

/** All of a name that are there and tell their version. Debian's wrapper, which chooses by itself, is left out. */
export async function findPostgresPrograms(
  name: 'pg_dump' | 'pg_restore' | 'psql',
  folders?: readonly string[],
): Promise<readonly PostgresProgram[]> {
  const paths = new Set<string>();
  for (const folder of folders ?? (await programFolders())) {
    const path = join(folder, name);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (!isThere) continue;
    const real = await realpath(path);
    if (!real.endsWith('/pg_wrapper')) paths.add(real);
  }
  const found = await Promise.all([...paths].map(readVersion));
  return found.filter((program) => program !== null);
}

async function readVersion(path: string): Promise<PostgresProgram | null> {
  try {
    const { stdout } = await run(path, ['--version'], { timeout: VERSION_MS });
    const version = /\(PostgreSQL\) (\d+(?:\.\d+)?)/u.exec(stdout)?.[1];
    return version === undefined ? null : { path, version, major: Number(version.split('.')[0]) };
  } catch {
    return null;
  }
}

/** The oldest that is at least as new as `major`: what a newer one writes, older servers may not read. */
export function fittingProgram(programs: readonly PostgresProgram[], major: number): PostgresProgram | null {
  const [first] = programs.filter((program) => program.major >= major).sort((a, b) => a.major - b.major);
  return first ?? null;
}

/** Of libpq's parameters in an address (postgresql.org, "libpq Environment Variables"), those that have a variable. */
const PARAMETERS: Readonly<Record<string, string>> = {
  host: 'PGHOST',
  port: 'PGPORT',
  user: 'PGUSER',
  password: 'PGPASSWORD',
  dbname: 'PGDATABASE',
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  connect_timeout: 'PGCONNECT_TIMEOUT',
};
const CONNECT_SECONDS = '15';

/** What the programs are given. Only they see it: never shown, and no part of their command line. */
export function postgresEnvironment(url: string, database?: string): Readonly<Record<string, string>> {
  const address = new URL(url);
  const named = Object.entries(PARAMETERS).flatMap(([parameter, variable]) => {
    const value = address.searchParams.get(parameter);
    return value === null ? [] : [[variable, value] as const];
  });
  const own = [
    ['PGHOST', address.hostname.replace(/^\[|\]$/gu, '')],
    ['PGPORT', address.port],
    ['PGUSER', decodeURIComponent(address.username)],
    ['PGPASSWORD', decodeURIComponent(address.password)],
    ['PGDATABASE', decodeURIComponent(address.pathname.slice(1))],
  ].filter(([, value]) => value !== '');
  return {
    PGAPPNAME: 'pageturner',
    PGCONNECT_TIMEOUT: CONNECT_SECONDS,
    ...Object.fromEntries(own),
    ...Object.fromEntries(named),
    ...(database === undefined ? {} : { PGDATABASE: database }),
    // Nothing of whoever started the bot: neither passwords nor services from its home.
    PGPASSFILE: '/dev/null',
    PGSERVICEFILE: '/dev/null',
    PSQLRC: '/dev/null',
  };
}
