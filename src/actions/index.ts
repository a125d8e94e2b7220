/** The table of action kinds, by the name that YAML uses. A new kind is one file or folder, and one line here. */
import type { ActionKind } from '../domain/action.ts';
import { createMongodbBackup } from './mongodb-backup.ts';
import { createPostgresBackup } from './postgres-backup.ts';
import { createPostgresExport } from './postgres-export.ts';
import { createPostgresQuery } from './postgres-query.ts';
import { createPostgresRestore } from './postgres-restore/index.ts';
import { createRedisFlushdb } from './redis-flushdb/index.ts';
import { createVolumesRemove } from './volumes-remove/index.ts';

/** `undoMaxBytes`: above it a flush is planned without an undo (UNDO_MAX_BYTES). */
export function createActionKinds(options: {
  readonly undoMaxBytes: number;
}): ReadonlyMap<string, ActionKind> {
  const kinds: readonly ActionKind[] = [
    createRedisFlushdb(options),
    createVolumesRemove(),
    createPostgresQuery(),
    createPostgresExport(),
    createPostgresBackup(),
    createPostgresRestore(),
    createMongodbBackup(),
  ];
  return new Map(kinds.map((kind) => [kind.name, kind]));
}
