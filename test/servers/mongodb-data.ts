/** Collections for the stand-in for MongoDB: it lists them, reads them in batches and counts them, as the reference says. */
import type { Document } from 'mongodb';
import type { MongodbServer } from './mongodb.ts';

export interface Collection {
  readonly documents: readonly Document[];
  readonly indexes?: readonly Document[];
  /** Documents that are counted but never given: lost on the way. */
  readonly lost?: number;
}

const BATCH = 101;

export function keepCollections(
  server: MongodbServer,
  database: string,
  collections: Readonly<Record<string, Collection>>,
): void {
  const left = new Map<bigint, { name: string; rest: readonly Document[] }>();
  let ids = 0n;
  const of = (name: unknown): Collection => collections[String(name)] ?? { documents: [] };
  const batch = (
    name: string,
    all: readonly Document[],
    size: number,
    key: 'firstBatch' | 'nextBatch',
  ): Document => {
    const rest = all.slice(size);
    ids += 1n;
    if (rest.length > 0) left.set(ids, { name, rest });
    return {
      cursor: { id: rest.length > 0 ? ids : 0n, ns: `${database}.${name}`, [key]: all.slice(0, size) },
    };
  };
  server.answer('listCollections', () =>
    batch(
      '$cmd.listCollections',
      Object.keys(collections).map((name) => ({
        name,
        type: 'collection',
        options: {},
        info: { readOnly: false },
      })),
      BATCH,
      'firstBatch',
    ),
  );
  server.answer('listIndexes', ({ listIndexes }) =>
    batch(
      String(listIndexes),
      of(listIndexes).indexes ?? [{ v: 2, key: { _id: 1 }, name: '_id_' }],
      BATCH,
      'firstBatch',
    ),
  );
  server.answer('find', ({ find, batchSize }) =>
    batch(String(find), of(find).documents, Number(batchSize ?? BATCH), 'firstBatch'),
  );
  server.answer('getMore', ({ getMore, batchSize }) => {
    const cursor = left.get(BigInt(String(getMore)));
    // CursorNotFound.
    if (cursor === undefined) return 43;
    left.delete(BigInt(String(getMore)));
    return batch(cursor.name, cursor.rest, Number(batchSize ?? BATCH), 'nextBatch');
  });
  server.answer('count', ({ count }) => ({ n: of(count).documents.length + (of(count).lost ?? 0) }));
  server.answer('dbStats', () => ({
    db: database,
    collections: Object.keys(collections).length,
    objects: Object.values(collections).reduce((sum, { documents }) => sum + documents.length, 0),
    dataSize: 1000,
  }));
  server.answer('killCursors', {});
}
