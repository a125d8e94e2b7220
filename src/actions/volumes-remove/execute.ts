/** Removes approved volumes one by one, each looked at again right before; never through a prune endpoint. */
import type Docker from 'dockerode';
import { openDocker } from '../../clients/docker.ts';
import type { ActionContext, ActionOutcome, ItemOutcome, PlanDraft, ScopeItem } from '../../domain/action.ts';
import type { Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import {
  ALREADY_GONE,
  nothingRemoved,
  removalOutcome,
  removeInTurn,
  whyNotThisEngine,
} from '../remove-in-turn.ts';
import { sayCount } from '../say-size.ts';
import { answeredWith, countUsers, readVolume } from './engine.ts';
import { KEPT_BECAUSE, volumeId, whyKept } from './guard.ts';
import { removeVolume } from './remove-volume.ts';

/**
 * Throws OutcomeUnknown when a removal was asked for and nobody can tell what became of it; whatever else is thrown,
 * nothing was removed.
 */
export async function executeRemoval(
  target: Target,
  plan: PlanDraft,
  act: () => Promise<void>,
  context: ActionContext,
): Promise<ActionOutcome> {
  const { signal } = context;
  signal.throwIfAborted();
  if (plan.scope.kind !== 'items') return nothingRemoved('the plan is not about volumes');
  const docker = openDocker(target.dockerHost, { timeoutMs: context.timeoutMs });
  const changed = await whyNotThisEngine(docker, target, plan, signal);
  if (changed !== null) return nothingRemoved(changed);
  const { items, announced } = await removeInTurn(
    plan.scope.items,
    {
      look: (item) => lookAgain(docker, item, target, context),
      remove: ({ name }) => removeVolume(docker, name, signal),
      call: ({ name }) => `volume ${name}`,
      say: (error) =>
        oneLine(
          answeredWith(error)?.message ?? (error instanceof Error ? error.message : String(error)),
          160,
        ),
    },
    act,
    context,
  );
  const stay = items.filter(({ outcome }) => outcome === 'kept');
  if (!announced && stay.length > 0)
    return nothingRemoved(stay.map(({ name, note }) => `${name} stays: ${note}`).join('; '));
  return removalOutcome(items, 'volume');
}

/** Null when this very volume may go now; otherwise what becomes of it without it being touched. */
async function lookAgain(
  docker: Docker,
  { id, name }: ScopeItem,
  target: Target,
  { signal, self }: ActionContext,
): Promise<ItemOutcome | null> {
  const kept = (note: string): ItemOutcome => ({ name, outcome: 'kept', note });
  const volume = await readVolume(docker, name, signal);
  if (volume === null) return { name, outcome: 'done', note: ALREADY_GONE };
  if (volumeId(volume) !== id)
    return kept(`another volume of that name, made ${volume.createdAt ?? 'later'}`);
  const why = whyKept(volume, target, self);
  if (why !== null) return kept(KEPT_BECAUSE[why]);
  const users = await countUsers(docker, name, signal);
  return users === 0 ? null : kept(`used by ${sayCount(users, 'container')} now`);
}
