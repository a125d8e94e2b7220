/** compose.reset: removes a Compose project's containers, networks and the very volumes that were approved. */
import { z } from 'zod';
import { openDocker } from '../../clients/docker.ts';
import { readContainer } from '../../clients/docker-container.ts';
import type { ActionContext, ActionKind, PlanDraft } from '../../domain/action.ts';
import { isRefused } from '../../domain/action.ts';
import type { Target } from '../../domain/target.ts';
import { type ComposeDeps, projectSetting } from '../compose/stack.ts';
import type { Settled } from '../docker-settle.ts';
import { readVolume } from '../volumes-remove/engine.ts';
import { volumeId } from '../volumes-remove/guard.ts';
import { executeReset } from './execute.ts';
import { lookReset } from './plan.ts';
import { isHeld } from './volume-identity.ts';

const settings = z.strictObject({ project: projectSetting.optional() });
export type ResetSettings = z.output<typeof settings>;

export function createComposeReset(deps: ComposeDeps): ActionKind<ResetSettings> {
  return {
    name: 'compose.reset',
    // 2: a volume in use is named by its containers.
    contractVersion: 2,
    danger: 'destructive',
    // Every volume of a platform at once.
    approvalsWithoutUndo: { prod: 2 },
    needs: 'docker',
    settings,
    async plan(target, chosen, context) {
      const looked = await lookReset(deps, target, chosen, context);
      return isRefused(looked) ? looked : looked.draft;
    },
    execute: (target, chosen, plan, act, context) => executeReset(deps, target, chosen, plan, act, context),
    verify: (target, _chosen, plan, context) => verifyReset(target, plan, context),
  };
}

/** Nothing that was approved may be there any more; what came since is nobody's business here. */
async function verifyReset(
  target: Target,
  plan: PlanDraft,
  { signal, timeoutMs }: ActionContext,
): Promise<Settled> {
  const docker = openDocker(target.dockerHost, { timeoutMs });
  const left: string[] = [];
  for (const { id, name } of plan.scope.kind === 'items' ? plan.scope.items : []) {
    const [, kind, rest = ''] = /^(container|volume):(.*)$/u.exec(id) ?? [];
    if (kind === 'container' && (await readContainer(docker, rest, signal)) !== null) left.push(name);
    if (kind !== 'volume') continue;
    const volume = await readVolume(docker, name.slice('volume '.length), signal);
    if (volume !== null && (isHeld(id) || volumeId(volume) === rest)) left.push(name);
  }
  if (left.length > 0) return { good: false, says: `still there: ${left.join(', ')}` };
  return { good: true, says: 'nothing of it is left' };
}
