/** What leaves the house of the audit log: heads, exports, and keys that follow each other. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { headsChore } from '../../src/engine/upkeep/heads-chore.ts';
import { appendAudit, auditHead, fitsKey } from '../../src/journal/audit-chain.ts';
import { readAudit, verifyAudit, verifyEntries } from '../../src/journal/audit-verify.ts';
import { compareHeads, headPlaces, readHeads } from '../../src/journal/head-places.ts';
import { type Journal, openJournal, transact } from '../../src/journal/open-journal.ts';
import { runCli } from '../e2e/bot.ts';
import { type TestDatabase, testDatabase } from '../servers/postgres.ts';

const OLD = 'the key from the beginning';
const NEW = 'the key after the rotation';
const later = new AbortController().signal;
const entry = (kind: string) => ({ kind, actor: 'U1', subject: 'STEP-1', payload: { n: 1 } });

let database: TestDatabase;
let journal: Journal;
let dir: string;
let server: Server | null = null;
beforeEach(async () => {
  database = await testDatabase();
  journal = await openJournal({ url: database.url, onError: () => undefined });
  dir = mkdtempSync(join(tmpdir(), 'pageturner-heads-'));
});
afterEach(async () => {
  server?.close();
  server = null;
  await journal.close();
  rmSync(dir, { recursive: true, force: true });
});

const add = (key: string, ...kinds: readonly string[]) =>
  transact(journal, (tx) => appendAudit(tx, key, kinds.map(entry)));
async function tamper(...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: database.superuserUrl });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}
const cutTail = () =>
  tamper(
    'delete from audit_entries where seq = (select max(seq) from audit_entries)',
    'update audit_head set (seq, hash) = (select seq, hash from audit_entries order by seq desc limit 1)',
  );

describe('a head that was written down', () => {
  it('finds a tail that was cut, at the start and in the verification', async () => {
    const file = join(dir, 'heads.jsonl');
    const places = headPlaces(file, null);
    const chore = headsChore({ journal }, places[0] ?? expect.fail('no place'));
    await add(OLD, 'request.asked', 'execution.acting');
    await chore.run(later, () => undefined);
    await add(OLD, 'request.asked');
    await chore.run(later, () => undefined);
    expect((await readHeads(places)).map(({ seq }) => seq)).toEqual([2]);
    await add(OLD, 'execution.acting');
    await chore.run(later, () => undefined);
    expect((await readHeads(places)).map(({ seq }) => seq)).toEqual([2, 4]);
    await compareHeads(journal, places);

    await cutTail();
    expect((await verifyAudit(journal.pool, OLD, null)).good).toBe(true);
    await expect(compareHeads(journal, places)).rejects.toThrow(/^AUDIT_HEAD_FILE: .*tampered.*entry 4/u);
    expect(await verifyAudit(journal.pool, OLD, null, await readHeads(places))).toMatchObject({
      good: false,
      badSeq: 4,
    });
    const env = { DATABASE_URL: database.url, AUDIT_KEY: OLD };
    expect(await runCli(['audit', 'verify'], env)).toMatchObject({ code: 0 });
    expect(await runCli(['audit', 'verify'], { ...env, AUDIT_HEAD_FILE: file })).toMatchObject({
      code: 1,
      stdout: 'audit: bad at seq 4\n',
    });
  });

  it('is posted to an address, which may give them back; a line that was cut off is passed over', async () => {
    const posted: string[] = [];
    let mode: 'lines' | 'none' | 'away' = 'lines';
    server = createServer((request, response) => {
      if (mode === 'away') {
        response.writeHead(500).end();
        return;
      }
      if (request.method === 'GET') {
        response.writeHead(mode === 'lines' ? 200 : 405).end(`{"seq": 1, "he\n${posted.join('')}`);
        return;
      }
      request.on('data', (part: Buffer) => posted.push(String(part)));
      request.on('end', () => response.writeHead(201).end());
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const places = headPlaces(
      null,
      `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/heads`,
    );
    await add(OLD, 'execution.acting');
    const head = await auditHead(journal.pool);
    await places[0]?.append(head, later);
    expect(await readHeads(places)).toEqual([{ ...head, variable: 'AUDIT_HEAD_URL' }]);
    mode = 'none';
    expect(await readHeads(places)).toEqual([]);
    mode = 'away';
    await expect(readHeads(places)).rejects.toThrow(/^AUDIT_HEAD_URL: /u);
    await expect(places[0]?.append(head, later)).rejects.toThrow('500');
  });
});

describe('a new key', () => {
  it('goes on with the chain: the old one verifies what is older, and nothing is written with it any more', async () => {
    await add(OLD, 'one', 'two');
    const env = { DATABASE_URL: database.url, AUDIT_KEY: NEW, AUDIT_KEY_PREVIOUS: OLD };
    expect(await runCli(['audit', 'rotate'], env)).toMatchObject({ code: 0 });
    expect(await fitsKey(journal.pool, NEW)).toBe(true);
    expect(await fitsKey(journal.pool, OLD)).toBe(false);
    await add(NEW, 'three');
    expect(await verifyAudit(journal.pool, [NEW, OLD], null)).toMatchObject({ good: true, entries: 5 });
    expect(await verifyAudit(journal.pool, NEW, null)).toMatchObject({ good: false, badSeq: 1 });
    expect(await verifyAudit(journal.pool, OLD, null)).toMatchObject({ good: false, badSeq: 4 });
    expect(await runCli(['audit', 'verify'], env)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^audit: 5 entries/u),
    });
    // Who still has the old one can't go on as if nothing had been.
    await add(OLD, 'four').catch(() => undefined);
    const verdict = await verifyAudit(journal.pool, [NEW, OLD], null);
    expect(verdict.good ? verdict.entries : verdict.badSeq).toBe(verdict.good ? 5 : 6);
  });

  it('is made where none is given, and refused to whoever has not the one in force', async () => {
    await add(OLD, 'one');
    const stranger = await runCli(['audit', 'rotate'], { DATABASE_URL: database.url, AUDIT_KEY: NEW });
    expect(stranger).toMatchObject({ code: 3, stderr: expect.stringMatching(/^AUDIT_KEY_PREVIOUS: /u) });
    const made = await runCli(['audit', 'rotate'], { DATABASE_URL: database.url, AUDIT_KEY: OLD });
    const key = /^AUDIT_KEY=([0-9a-f]{64})\n$/u.exec(made.stdout)?.[1] ?? '';
    expect(await fitsKey(journal.pool, key)).toBe(true);
    expect(await verifyAudit(journal.pool, [key, OLD], null)).toMatchObject({ good: true, entries: 3 });
  });
});

describe('an export', () => {
  it('is verified without the database, and a changed, missing or added line is found', async () => {
    await add(OLD, 'one', 'two', 'three');
    const env = { DATABASE_URL: database.url, AUDIT_KEY: OLD };
    const { stdout } = await runCli(['audit', 'export'], env);
    const lines = stdout.trim().split('\n');
    expect(lines).toHaveLength(3);
    const file = join(dir, 'audit.jsonl');
    writeFileSync(file, stdout);
    const offline = (key = OLD) => runCli(['audit', 'verify', '--file', file], { AUDIT_KEY: key });
    expect(await offline()).toMatchObject({ code: 0, stdout: expect.stringMatching(/^audit: 3 entries/u) });
    expect(await offline(NEW)).toMatchObject({ code: 1 });
    writeFileSync(file, stdout.replace('"two"', '"too"'));
    expect(await offline()).toMatchObject({ code: 1, stdout: 'audit: bad at seq 2\n' });
    writeFileSync(file, `${lines[0]}\n${lines[2]}\n`);
    expect(await offline()).toMatchObject({ code: 1, stdout: 'audit: bad at seq 2\n' });
    appendFileSync(file, 'not a line\n');
    writeFileSync(file, `${readFileSync(file, 'utf8').split('\n')[0]}\nnot a line\n`);
    expect(await offline()).toMatchObject({ code: 3, stderr: expect.stringContaining(':2: ') });
    expect(await verifyEntries(readAudit(journal.pool), [OLD])).toMatchObject({ good: true });
  });
});
