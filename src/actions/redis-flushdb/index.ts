/** redis.flushdb: empties one database of a Redis, with every key kept as an undo where they are not too large. */
import { z } from 'zod';
import type { ActionKind } from '../../domain/action.ts';
import { executeFlush } from './execute.ts';
import { planFlush } from './plan.ts';
import { restoreFlushed } from './restore.ts';
import { makeFlushUndo } from './undo.ts';
import { verifyFlushed } from './verify.ts';

const settings = z.strictObject({ db: z.int().min(0).max(15) });
export type FlushSettings = z.infer<typeof settings>;

/** `undoMaxBytes`: above it a plan says that there is no undo. */
export function createRedisFlushdb(options: { readonly undoMaxBytes: number }): ActionKind<FlushSettings> {
  return {
    name: 'redis.flushdb',
    contractVersion: 1,
    danger: 'destructive',
    // Without an undo only where the keys are too many to keep: then nobody knows what they are.
    approvalsWithoutUndo: { dev: 2, test: 2, prod: 2 },
    settings,
    plan: (target, chosen, context) => planFlush(target, chosen, context, options.undoMaxBytes),
    makeUndo: makeFlushUndo,
    restore: restoreFlushed,
    execute: executeFlush,
    verify: (target, chosen, _plan, context) => verifyFlushed(target, chosen, context),
  };
}
