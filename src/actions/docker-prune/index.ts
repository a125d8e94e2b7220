/** docker.prune: removes stopped containers, unused networks and nameless images, each by its id. */
import { z } from 'zod';
import type { ActionKind } from '../../domain/action.ts';
import { executePrune } from './execute.ts';
import { planPrune } from './plan.ts';

const settings = z.strictObject({});
export type PruneSettings = z.output<typeof settings>;

export function createDockerPrune(): ActionKind<PruneSettings> {
  return {
    name: 'docker.prune',
    contractVersion: 1,
    danger: 'destructive',
    // The page's own command, and nothing that runs or holds data goes.
    approvalsWithoutUndo: {},
    needs: 'docker',
    settings,
    plan: (target, _settings, context) => planPrune(target, context),
    execute: (target, _settings, plan, act, context) => executePrune(target, plan, act, context),
  };
}
