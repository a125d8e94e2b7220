import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type EmbeddedPostgres,
  findRunningEmbedded,
  openEmbeddedPostgres,
} from '../../src/local/embedded-postgres.ts';
import { waitFor } from '../servers/program.ts';

const HOLD = fileURLToPath(new URL('hold-postgres.ts', import.meta.url));

let dir: string;
let dataDir: string;
let opened: EmbeddedPostgres[];
let holders: ChildProcess[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pageturner-embedded-'));
  chmodSync(dir, 0o711);
  dataDir = join(dir, 'data');
  opened = [];
  holders = [];
});
afterEach(async () => {
  for (const holder of holders) holder.kill('SIGKILL');
  for (const server of opened) await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function open(): Promise<EmbeddedPostgres> {
  const server = await openEmbeddedPostgres({ dataDir, signal: new AbortController().signal });
  opened.push(server);
  return server;
}

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Another process that holds the server; what it says once it does. */
async function hold(): Promise<{
  readonly holder: ChildProcess;
  readonly url: string;
  readonly ownerUrl: string;
  readonly pid: number;
}> {
  const holder = spawn(process.execPath, [HOLD, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  holders.push(holder);
  let said = '';
  holder.stdout?.on('data', (part: Buffer) => {
    said += part;
  });
  await waitFor('the holder to open the server', 20_000, () => said.includes('\n'));
  return { holder, ...(JSON.parse(said) as { url: string; ownerUrl: string; pid: number }) };
}

async function killed(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);
const passwordFile = (): string => join(dataDir, 'postgres', 'password');

test('a first start makes a server on loopback, with a role that owns nothing and is no superuser', async () => {
  const server = await open();
  const [row] = await ask(
    server.url,
    `select current_user as me, current_database() as db, rolsuper, rolcreaterole, rolcreatedb,
       pg_get_userbyid(datdba) as owner, current_setting('listen_addresses') as listens,
       current_setting('fsync') as fsync
     from pg_roles, pg_database where rolname = current_user and datname = current_database()`,
  );
  expect(row).toEqual({
    me: 'pageturner',
    db: 'pageturner',
    rolsuper: false,
    rolcreaterole: false,
    rolcreatedb: false,
    owner: 'postgres',
    listens: '127.0.0.1',
    fsync: 'on',
  });
});

test('the password is random, kept for its owner alone, and needed', async () => {
  const server = await open();
  const password = readFileSync(passwordFile(), 'utf8').trim();
  expect(password).toMatch(/^[0-9a-f]{48}$/u);
  expect(statSync(passwordFile()).mode & 0o777).toBe(0o600);
  expect(statSync(join(dataDir, 'postgres')).mode & 0o077).toBe(0);
  for (const wrong of ['wrong', password]) {
    const url = new URL(server.url);
    url.password = wrong;
    await expect(ask(url.href, 'select 1')).rejects.toThrow(/password authentication failed/u);
  }
  expect(await ask(server.ownerUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('what was written is there after a stop and a start, which takes less than a second', async () => {
  const first = await open();
  await ask(first.ownerUrl, 'create table kept (n int); insert into kept values (42)');
  await first.stop();
  expect(await findRunningEmbedded(dataDir)).toBeNull();
  const began = performance.now();
  const second = await open();
  expect(performance.now() - began).toBeLessThan(1000);
  expect(await ask(second.ownerUrl, 'select n from kept')).toEqual([{ n: 42 }]);
});

test('a server whose process was killed -9 is reused: the same one, not a second', async () => {
  const { holder, url, ownerUrl, pid } = await hold();
  await ask(ownerUrl, 'create table kept (n int); insert into kept values (7)');
  await killed(holder);
  expect(await findRunningEmbedded(dataDir)).toBe(url);
  const again = await open();
  expect({ url: again.url, pid: again.pid }).toEqual({ url, pid });
  expect(await ask(again.ownerUrl, 'select n from kept')).toEqual([{ n: 7 }]);
  await again.stop();
  expect(isAlive(pid)).toBe(false);
});

test('a server that was itself killed -9 is recovered: its pid file is no obstacle', async () => {
  const first = await open();
  await ask(first.ownerUrl, 'create table kept (n int); insert into kept values (1)');
  process.kill(first.pid, 'SIGKILL');
  const second = await open();
  expect(second.pid).not.toBe(first.pid);
  expect(await ask(second.ownerUrl, 'select n from kept')).toEqual([{ n: 1 }]);
});

test('a pid file whose number is another program’s by now is no obstacle', async () => {
  const first = await open();
  await first.stop();
  const lines = [process.pid, join(dataDir, 'postgres', 'data'), 1, 5432, '', '127.0.0.1', '', 'ready'];
  writeFileSync(join(dataDir, 'postgres', 'data', 'postmaster.pid'), `${lines.join('\n')}\n`);
  expect(await findRunningEmbedded(dataDir)).toBeNull();
  const second = await open();
  expect(await ask(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a first start that was cut off at any point is made whole by the next', async () => {
  for (const cutAfterMs of [50, 150, 300, 450]) {
    rmSync(dataDir, { recursive: true, force: true });
    mkdirSync(dataDir);
    const holder = spawn(process.execPath, [HOLD, dataDir], { stdio: 'ignore' });
    holders.push(holder);
    const started = performance.now();
    await waitFor('the cut', 5000, () => performance.now() - started > cutAfterMs);
    await killed(holder);
    const server = await open();
    expect(await ask(server.url, 'select current_user as me')).toEqual([{ me: 'pageturner' }]);
    await server.stop();
  }
});

test('processes that open the same folder at once share one server', async () => {
  const all = await Promise.all([hold(), hold(), hold()]);
  expect(new Set(all.map(({ pid }) => pid)).size).toBe(1);
  expect(new Set(all.map(({ url }) => url)).size).toBe(1);
  for (const { holder } of all) await killed(holder);
  const last = await open();
  expect(last.pid).toBe(all[0]?.pid);
  expect(readdirSync(join(dataDir, 'postgres')).sort()).toEqual([
    'data',
    'password',
    'postgres.log',
    'ready-2',
  ]);
});

test('a stop ends open transactions and is done within 5 seconds', async () => {
  const server = await open();
  const client = new pg.Client({ connectionString: server.ownerUrl });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('begin; create table half (n int)');
  const slow = client.query('select pg_sleep(60)').catch((error: unknown) => error);
  const began = performance.now();
  await server.stop();
  expect(performance.now() - began).toBeLessThan(5000);
  expect(isAlive(server.pid)).toBe(false);
  expect(await slow).toBeInstanceOf(Error);
});

test('an opening that is given up leaves no server behind', async () => {
  const stop = new AbortController();
  const opening = openEmbeddedPostgres({ dataDir, signal: stop.signal });
  await waitFor('the server to be starting', 20_000, () =>
    existsSync(join(dataDir, 'postgres', 'postgres.log')),
  );
  stop.abort();
  const server = await opening.catch(() => null);
  // It was quicker than the abort.
  await server?.stop();
  expect(await findRunningEmbedded(dataDir)).toBeNull();
});

test('there is no running server in a folder that isn’t there', async () => {
  expect(await findRunningEmbedded(join(dir, 'nothing'))).toBeNull();
  expect(existsSync(join(dir, 'nothing'))).toBe(false);
});
