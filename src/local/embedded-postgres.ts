/** The journal when no database is configured: a real PostgreSQL in the data folder, reused if it still runs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import {
  findPostmaster,
  type Postmaster,
  removeStalePidFile,
  stopPostmaster,
} from './embedded-postgres-postmaster.ts';
import {
  asServerUser,
  findPrograms,
  giveToServerUser,
  isReachable,
  isRoot,
  OPEN_FOLDER,
  runProgram,
} from './embedded-postgres-programs.ts';

export interface EmbeddedPostgres {
  /** Logs in as the ordinary role `pageturner`, which owns nothing in the database `pageturner`. */
  readonly url: string;
  /** The same database as the superuser who owns it. */
  readonly ownerUrl: string;
  readonly superuserUrl: string;
  /** The server's process. */
  readonly pid: number;
  /** Ends the server cleanly, within 5 s. */
  stop(): Promise<void>;
}

interface Options {
  /** Made when it isn't there. */
  readonly dataDir: string;
  readonly signal: AbortSignal;
}

interface Folder {
  readonly home: string;
  readonly data: string;
  readonly passwordFile: string;
  /** There once role, password and database are. */
  readonly readyFile: string;
}

const START_MS = 20_000;
const POLL_MS = 20;
const PASSWORD_BYTES = 24;
/** What the server says while one before it is not quite gone; worth another try. */
const NOT_YET = /lock file|shared memory|Address already in use/u;
/** The advisory lock of those who make role and database. */
const PREPARING = 4280;

function folderOf(dataDir: string): Folder {
  const name = createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 16);
  const [inside, elsewhere] = [join(resolve(dataDir), 'postgres'), join(OPEN_FOLDER, name)];
  const settled = [inside, elsewhere].find((home) => existsSync(join(home, 'data')));
  const home = settled ?? (isReachable(dirname(resolve(dataDir))) ? inside : elsewhere);
  return {
    home,
    data: join(home, 'data'),
    passwordFile: join(home, 'password'),
    readyFile: join(home, 'ready-2'),
  };
}

/** @throws when it can't be initialised or started; the message names the program or the server's log. */
export async function openEmbeddedPostgres(options: Options): Promise<EmbeddedPostgres> {
  options.signal.throwIfAborted();
  mkdirSync(options.dataDir, { recursive: true, mode: 0o711 });
  const folder = folderOf(options.dataDir);
  // Its files are closed to others one by one; the server's user has to walk through.
  if (isRoot() && folder.home.startsWith(resolve(options.dataDir))) chmodSync(options.dataDir, 0o711);
  if (!existsSync(folder.data)) await initialise(folder);
  const { pid, port } = await start(folder, options.signal);
  const { url, ownerUrl, superuserUrl } = urlsOf(folder, port);
  if (!existsSync(folder.readyFile)) {
    await prepare(superuserUrl, new URL(url).password);
    writeFileSync(folder.readyFile, '');
  }
  return { url, ownerUrl, superuserUrl, pid, stop: () => stopPostmaster(pid) };
}

/** The URL of an embedded server that runs on this folder now, or null. */
export async function findRunningEmbedded(dataDir: string): Promise<string | null> {
  const folder = folderOf(dataDir);
  const running = findPostmaster(folder.data);
  if (running === null || !existsSync(folder.readyFile)) return null;
  const { url } = urlsOf(folder, running.port);
  return (await answers(url)) ? url : null;
}

interface Urls {
  readonly url: string;
  readonly ownerUrl: string;
  readonly superuserUrl: string;
}

function urlsOf(folder: Folder, port: number): Urls {
  const password = readFileSync(folder.passwordFile, 'utf8').trim();
  // Whoever knows the bot's password doesn't know the superuser's.
  const bots = createHash('sha256').update(`pageturner ${password}`).digest('hex');
  const superuser = `postgres://postgres:${password}@127.0.0.1:${port}`;
  return {
    url: `postgres://pageturner:${bots}@127.0.0.1:${port}/pageturner`,
    ownerUrl: `${superuser}/pageturner`,
    superuserUrl: `${superuser}/postgres`,
  };
}

/** Made under another name and moved when whole: a first start that is cut off leaves nothing that counts. */
async function initialise(folder: Folder): Promise<void> {
  mkdirSync(dirname(folder.home), { recursive: true, mode: 0o755 });
  mkdirSync(folder.home, { recursive: true, mode: 0o700 });
  giveToServerUser(folder.home);
  writePassword(folder.passwordFile);
  const making = `${folder.data}.${process.pid}`;
  rmSync(making, { recursive: true, force: true });
  const { initdb } = findPrograms();
  const login = ['-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${folder.passwordFile}`];
  // Not synced: lost in a power cut, it is made again. What is written later is synced as always.
  await runProgram(
    initdb,
    ['-D', making, ...login, '-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions'],
    folder.home,
  );
  try {
    renameSync(making, folder.data);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    if (!existsSync(folder.data)) throw error;
  }
}

/** Whole or not at all, and never over another process's. */
function writePassword(file: string): void {
  const making = `${file}.${process.pid}`;
  writeFileSync(making, `${randomBytes(PASSWORD_BYTES).toString('hex')}\n`, { mode: 0o600 });
  giveToServerUser(making);
  if (!existsSync(file)) linkSync(making, file);
  rmSync(making);
}

/** The server that runs here, once it answers; started when there is none. */
async function start(folder: Folder, signal: AbortSignal): Promise<Postmaster> {
  const logFile = join(folder.home, 'postgres.log');
  const deadline = performance.now() + START_MS;
  let child: ChildProcess | null = null;
  try {
    for (;;) {
      const running = findPostmaster(folder.data);
      if (running !== null && (await answers(urlsOf(folder, running.port).superuserUrl))) return running;
      if (child !== null && hasEnded(child)) {
        const said = readFileSync(logFile, 'utf8').slice(-2000);
        if (!NOT_YET.test(said)) throw new Error(`the embedded PostgreSQL ended (${logFile}): ${said}`);
        child = null;
      } else if (child === null && running === null) {
        removeStalePidFile(folder.data);
        child = await spawnServer(folder, logFile);
      }
      if (performance.now() > deadline)
        throw new Error(`the embedded PostgreSQL did not start within ${START_MS} ms; see ${logFile}`);
      await sleep(POLL_MS, undefined, { signal });
    }
  } catch (error) {
    if (child?.pid !== undefined && !hasEnded(child)) await stopPostmaster(child.pid);
    throw error;
  }
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

async function spawnServer(folder: Folder, logFile: string): Promise<ChildProcess> {
  const settings = {
    port: await freePort(),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 100,
    shared_buffers: '64MB',
  };
  const log = openSync(logFile, 'w', 0o600);
  // Detached: Ctrl-C ends the bot, and the bot ends its server when it is done with it.
  const child = spawn(
    findPrograms().postgres,
    ['-D', folder.data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { stdio: ['ignore', log, log], cwd: folder.home, detached: true, ...asServerUser() },
  );
  closeSync(log);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  child.unref();
  return child;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no free port on 127.0.0.1');
  return address.port;
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000, query_timeout: 2000 });
  client.on('error', () => undefined);
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

/** The ordinary role and its database, once, by one process at a time. */
async function prepare(superuserUrl: string, password: string): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [PREPARING]);
    const role = await client.query(`select from pg_roles where rolname = 'pageturner'`);
    const make = role.rowCount === 0 ? 'create' : 'alter';
    await client.query(`${make} role pageturner login password ${pg.escapeLiteral(password)}`);
    const database = await client.query(`select from pg_database where datname = 'pageturner'`);
    if (database.rowCount === 0) await client.query('create database pageturner');
  } finally {
    await client.end();
  }
}
