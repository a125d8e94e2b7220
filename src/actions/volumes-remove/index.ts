/** volumes.remove: removes volumes that no container uses, by name and creation time; what the catalog knows stays. */
import { z } from 'zod';
import type { ActionKind } from '../../domain/action.ts';
import { executeRemoval } from './execute.ts';
import { planRemoval } from './plan.ts';

const settings = z.strictObject({});
export type RemovalSettings = z.infer<typeof settings>;

export function createVolumesRemove(): ActionKind<RemovalSettings> {
  return {
    name: 'volumes.remove',
    contractVersion: 1,
    danger: 'destructive',
    // The page's own command, and no container uses them.
    approvalsWithoutUndo: {},
    settings,
    plan: (target, _settings, context) => planRemoval(target, context),
    execute: (target, _settings, plan, act, context) => executeRemoval(target, plan, act, context),
  };
}
