/**
 * The bot's own backup of a MongoDB database, as lines of canonical Extended JSON (the MongoDB Extended JSON v2 page),
 * so that every type comes back as it was:
 *
 *     { "backup": "pageturner-mongodb", "version": 1, "database", "server", "at" }
 *     { "collection", "type", "options", "indexes" }   then its documents, each { "document": … }
 *     { "end": collection, "documents": count }
 *     { "complete": true, "collections": count, "documents": count }
 */
import type { Db, Document } from 'mongodb';

const BATCH = 500;
/** Nothing of a value is made simpler than it is stored. */
const AS_STORED = {
  promoteValues: false,
  promoteLongs: false,
  promoteBuffers: false,
  bsonRegExp: true,
} as const;

export interface Counts {
  collections: number;
  documents: number;
  /** The collection being read. */
  current: string;
}

/** Rejects when a collection gives fewer documents than it had both before and after it was read. */
export async function* backupLines(
  db: Db,
  about: { readonly server: string; readonly at: Date },
  counts: Counts,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const { BSON } = await import('mongodb');
  const line = (value: Document): string => `${BSON.EJSON.stringify(value, { relaxed: false })}\n`;
  const { server, at } = about;
  yield line({
    backup: 'pageturner-mongodb',
    version: 1,
    database: db.databaseName,
    server,
    at: at.toISOString(),
  });
  const found = await db.listCollections({}, { nameOnly: false }).toArray();
  for (const { name, type, options } of found.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    // What the server keeps for itself; it makes it anew.
    if (name.startsWith('system.')) continue;
    const isView = type === 'view';
    const indexes = isView ? [] : await db.collection(name).listIndexes().toArray();
    counts.current = name;
    yield line({ collection: name, type: type ?? 'collection', options: options ?? {}, indexes });
    const before = isView ? 0 : await db.collection(name).estimatedDocumentCount();
    let written = 0;
    if (!isView) {
      for await (const document of db.collection(name).find({}, { ...AS_STORED, batchSize: BATCH })) {
        signal.throwIfAborted();
        yield line({ document });
        written += 1;
        counts.documents += 1;
      }
      const after = await db.collection(name).estimatedDocumentCount();
      if (written < Math.min(before, after))
        throw new Error(`${name} gave ${written} documents, and has ${Math.min(before, after)}`);
    }
    counts.collections += 1;
    yield line({ end: name, documents: written });
  }
  yield line({ complete: true, collections: counts.collections, documents: counts.documents });
}
