/** mongodb.backup by the bot itself and by a program, and what is in the file. */
// Starts programs: a mongodump of the test's own, by the code under test.
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { BSON, MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createMongodbBackup } from '../../src/actions/mongodb-backup.ts';
import type { Target } from '../../src/domain/target.ts';
import { NOTHING_DECLARED } from '../../src/domain/target.ts';
import { context, planned } from './fixtures.ts';
import { COLLECTIONS, type MongodbBench, startMongodbBench } from './mongodb-bench.ts';

const own = createMongodbBackup({ path: '/nowhere' });
const none = async (): Promise<void> => undefined;

let bench: MongodbBench;
beforeAll(async () => {
  bench = await startMongodbBench();
});
beforeEach(() => bench.fill());
afterAll(() => bench?.stop());

const carryOut = async (kind = own, target: Target = bench.target, settings = {}) =>
  kind.execute(target, settings, planned(await kind.plan(target, settings, context())), none, context());
const linesOf = (folder: string, name: string): Record<string, unknown>[] =>
  gunzipSync(readFileSync(join(folder, name)))
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => BSON.EJSON.parse(line, { relaxed: false }));

test('every document of every collection is in the file as it was stored, with the indexes', async () => {
  const outcome = await carryOut();
  expect(outcome).toMatchObject({
    state: 'succeeded',
    summary: expect.stringContaining('2 collections, 1,234 documents'),
  });
  const [name = ''] = bench.files();
  expect(name).toMatch(/^butler_\d{8}\.ndjson\.gz$/u);
  expect(statSync(join(bench.backupDir, name)).mode & 0o777).toBe(0o600);
  const lines = linesOf(bench.backupDir, name);
  expect(lines[0]).toMatchObject({ backup: 'pageturner-mongodb', version: { value: 1 }, database: 'butler' });
  expect(JSON.stringify(lines[0])).not.toContain('open-sesame');
  const documents = lines.flatMap(({ document }) => (document === undefined ? [] : [document]));
  // Compared as bytes: an Int32 is no Long and no Double.
  const bytes = (all: readonly unknown[]) =>
    all.map((one) => Buffer.from(BSON.serialize(Object(one))).toString('hex'));
  expect(bytes(documents)).toEqual(bytes(COLLECTIONS.articles?.documents ?? []));
  expect(lines.find(({ collection }) => collection === 'articles')).toMatchObject({
    indexes: [{ name: '_id_' }, { name: 'n_1', unique: true }],
  });
  expect(lines.at(-1)).toMatchObject({
    complete: true,
    collections: { value: 2 },
    documents: { value: 1234 },
  });
});

test('documents that get lost on the way are a failure, and leave no file', async () => {
  bench.fill({ articles: { documents: [{ _id: 1 }, { _id: 2 }], lost: 1 } });
  expect(await carryOut()).toMatchObject({
    state: 'failed',
    summary: 'no backup: articles gave 2 documents, and has 3',
  });
  expect(readdirSync(bench.backupDir)).toEqual([]);
});

test('a server that fails in the middle leaves no file', async () => {
  bench.server.answer('getMore', 43);
  expect((await carryOut()).state).toBe('failed');
  expect(readdirSync(bench.backupDir)).toEqual([]);
});

test('is refused without a folder, or without a database', async () => {
  const refusal = async (changes: Partial<Target>) =>
    own.plan({ ...bench.target, ...changes }, {}, context());
  expect(await refusal({ declared: NOTHING_DECLARED })).toMatchObject({
    refused: expect.stringContaining('BACKUP_DIR is not set'),
  });
  const url = bench.server.url.replace('/butler', '/');
  expect(await refusal({ url })).toMatchObject({ refused: expect.stringContaining('names no database') });
  expect(
    planned(await own.plan({ ...bench.target, url }, { database: 'butler' }, context())).scope,
  ).toMatchObject({
    does: expect.stringContaining('of butler to butler_YYYYMMDD.ndjson.gz'),
  });
});

/** Stands for mongodump, which Debian does not have: it shows what it was given, and writes an archive's ends. */
const PROGRAM = `#!/bin/sh
folder=$(dirname "$0")
echo "$@" > "$folder/arguments"
for argument in "$@"; do case "$argument" in --config=*) cat "\${argument#--config=}" > "$folder/config";; esac; done
[ -e "$folder/fails" ] && { echo "Failed: can't connect to mongodb://admin:open-sesame@127.0.0.1" >&2; exit 1; }
printf '\\155\\342\\231\\201 body'
[ -e "$folder/stops" ] || printf '\\377\\377\\377\\377'
`;

test('mongodump, where there is one, gets the address by a file that is gone afterwards, and its archive is checked', async () => {
  const bin = mkdtempSync(join(tmpdir(), 'pageturner-bin-'));
  try {
    writeFileSync(join(bin, 'mongodump'), PROGRAM);
    chmodSync(join(bin, 'mongodump'), 0o755);
    const kind = createMongodbBackup({ path: bin });
    expect(await carryOut(kind)).toMatchObject({ state: 'succeeded' });
    expect(bench.files()).toEqual([expect.stringMatching(/^butler_\d{8}\.archive\.gz$/u)]);
    expect(readFileSync(join(bin, 'config'), 'utf8')).toBe(`uri: ${JSON.stringify(bench.server.url)}\n`);
    const given = readFileSync(join(bin, 'arguments'), 'utf8');
    expect(given).not.toContain('open-sesame');
    expect(() => statSync(/--config=(\S+)/u.exec(given)?.[1] ?? '')).toThrow();
    bench.fill();
    writeFileSync(join(bin, 'stops'), '');
    expect(await carryOut(kind)).toMatchObject({
      state: 'failed',
      summary: expect.stringContaining('no whole archive'),
    });
    writeFileSync(join(bin, 'fails'), '');
    const failed = await carryOut(kind);
    expect(failed).toMatchObject({ state: 'failed', summary: expect.stringContaining('mongodump failed') });
    expect(failed.summary).not.toContain('open-sesame');
    expect(readdirSync(bench.backupDir)).toEqual([]);
  } finally {
    rmSync(bin, { recursive: true, force: true });
  }
});

const real = process.env.TEST_MONGODB_URL;
/** Only when TEST_MONGODB_URL names one: none can be installed here. */
if (real) {
  test('a real MongoDB', async () => {
    const url = real;
    const client = await MongoClient.connect(url);
    const name = `pageturner_test_${process.pid}`;
    try {
      const documents = Array.from({ length: 1500 }, (_, n) => ({
        n,
        big: new BSON.Long(2n ** 60n),
        at: new Date(n),
      }));
      await client.db(name).collection('articles').insertMany(documents);
      await client.db(name).collection('articles').createIndex({ n: 1 }, { unique: true });
      const outcome = await carryOut(own, { ...bench.target, url }, { database: name });
      expect(outcome).toMatchObject({
        state: 'succeeded',
        summary: expect.stringContaining('1,500 documents'),
      });
      const lines = linesOf(bench.backupDir, bench.files()[0] ?? '');
      expect(lines.filter(({ document }) => document !== undefined)).toHaveLength(1500);
      expect(lines.find(({ collection }) => collection === 'articles')).toMatchObject({
        indexes: [{ name: '_id_' }, { name: 'n_1', unique: true }],
      });
    } finally {
      await client.db(name).dropDatabase();
      await client.close();
    }
  });
}
