/** postgres.restore: a dump takes a database's place; the database that was there stays beside it. */
import { z } from 'zod';
import { type ActionKind, isRefused } from '../../domain/action.ts';
import { FILE_NAME } from '../backup-folder.ts';
import { executeRestore } from './execute.ts';
import { prepareRestore, type RestoreOptions, type RestoreSettings } from './plan.ts';
import { makeRestoreUndo, restoreOldDatabase, verifyRestored } from './undo.ts';

const settings = z.strictObject({
  file: z.string().regex(FILE_NAME, 'the name of a file in BACKUP_DIR, without folders'),
});

export function createPostgresRestore(options: RestoreOptions = {}): ActionKind<RestoreSettings> {
  return {
    name: 'postgres.restore',
    contractVersion: 1,
    danger: 'destructive',
    // The database that was there always stays beside it.
    approvalsWithoutUndo: {},
    needs: { schemes: ['postgres', 'postgresql'] },
    settings,
    plan: async (target, chosen, context) => {
      const ready = await prepareRestore(target, chosen, context, options);
      return isRefused(ready) ? ready : ready.draft;
    },
    makeUndo: (target, _chosen, plan, undo, context) => makeRestoreUndo(target, plan, undo, context),
    restore: (target, _chosen, undo, context) => restoreOldDatabase(target, undo, context),
    execute: (target, chosen, plan, act, context) =>
      executeRestore(target, chosen, plan, act, context, options),
    verify: (target, _chosen, plan, context) => verifyRestored(target, plan, context),
  };
}
