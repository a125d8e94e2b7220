/** The stand-in for MongoDB with two collections, and a folder for backups. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BSON } from 'mongodb';
import { NOTHING_DECLARED, type Target } from '../../src/domain/target.ts';
import { HELLO, type MongodbServer, startMongodb } from '../servers/mongodb.ts';
import { type Collection, keepCollections } from '../servers/mongodb-data.ts';
import { target } from './fixtures.ts';

export const COLLECTIONS: Readonly<Record<string, Collection>> = {
  articles: {
    documents: Array.from({ length: 1234 }, (_, n) => ({
      _id: new BSON.ObjectId(),
      n: new BSON.Int32(n),
      big: new BSON.Long(9_007_199_254_740_993n),
      price: BSON.Decimal128.fromString('1.50'),
      at: new Date(0),
    })),
    indexes: [
      { v: 2, key: { _id: 1 }, name: '_id_' },
      { v: 2, key: { n: 1 }, name: 'n_1', unique: true },
    ],
  },
  empty: { documents: [] },
};

export interface MongodbBench {
  readonly server: MongodbServer;
  readonly target: Target;
  readonly backupDir: string;
  fill(collections?: Readonly<Record<string, Collection>>): void;
  /** Another process under the same address. */
  replace(): void;
  files(): readonly string[];
  stop(): Promise<void>;
}

export async function startMongodbBench(): Promise<MongodbBench> {
  const server = await startMongodb();
  const backupDir = mkdtempSync(join(tmpdir(), 'pageturner-backups-'));
  const greet = () => {
    const processId = new BSON.ObjectId();
    for (const command of ['hello', 'ismaster'])
      server.answer(command, { ...HELLO, topologyVersion: { processId, counter: 0n } });
  };
  return {
    server,
    backupDir,
    target: target({
      system: 'butler',
      service: 'mongodb',
      url: server.url,
      declared: { ...NOTHING_DECLARED, backupDir },
    }),
    fill(collections = COLLECTIONS) {
      rmSync(backupDir, { recursive: true, force: true });
      mkdirSync(backupDir);
      greet();
      keepCollections(server, 'butler', collections);
    },
    replace: greet,
    files: () => readdirSync(backupDir).filter((name) => !name.startsWith('.')),
    async stop() {
      await server.stop();
      rmSync(backupDir, { recursive: true, force: true });
    },
  };
}

/** What the contract suite needs. */
export async function mongodbBench() {
  const bench = await startMongodbBench();
  return {
    target: bench.target,
    settings: {},
    gone: {
      target: { url: 'mongodb://admin:not-to-be-shown@127.0.0.1:1/butler' },
      says: /connection refused/u,
    },
    fill: async () => bench.fill(),
    state: async () => (bench.files().length === 0 ? { missing: 'a file' } : {}),
    changes: async () => bench.files().length,
    replace: async () => bench.replace(),
    own: <T>(plan: T): T => plan,
    stop: bench.stop,
  };
}
