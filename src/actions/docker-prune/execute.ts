/** Carries out an approved prune: the approved things one by one, never the engine's own prune. */
import { openDocker } from '../../clients/docker.ts';
import type { ActionContext, ActionOutcome, PlanDraft } from '../../domain/action.ts';
import type { Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import { nothingRemoved, removalOutcome, removeInTurn, whyNotThisEngine } from '../remove-in-turn.ts';
import { lookAgain, removeThing, thingOf } from './remove-item.ts';

/** Throws OutcomeUnknown when a removal was asked for and nobody can tell what became of it. */
export async function executePrune(
  target: Target,
  plan: PlanDraft,
  act: () => Promise<void>,
  context: ActionContext,
): Promise<ActionOutcome> {
  const { signal, self } = context;
  signal.throwIfAborted();
  if (plan.scope.kind !== 'items') return nothingRemoved('the plan is not about things of an engine');
  const docker = openDocker(target.dockerHost, { timeoutMs: context.timeoutMs });
  const changed = await whyNotThisEngine(docker, target, plan, signal);
  if (changed !== null) return nothingRemoved(changed);
  const { items, announced } = await removeInTurn(
    plan.scope.items,
    {
      async look({ id, name }) {
        const thing = thingOf(id);
        if (thing === null) return { name, outcome: 'kept', note: 'not a container, network or image' };
        const found = await lookAgain(docker, thing, target, self, signal);
        return found === null ? null : { name, ...found };
      },
      async remove({ id }) {
        const thing = thingOf(id);
        if (thing === null) throw new Error(`${id} is not a container, network or image`);
        return removeThing(docker, thing, signal);
      },
      call: ({ name }) => name,
      say: (error) => oneLine(error instanceof Error ? error.message : String(error), 160),
    },
    act,
    context,
  );
  if (!announced) return nothingRemoved(items.map(({ name, note }) => `${name}: ${note}`).join('; '));
  return removalOutcome(items, 'thing');
}
