/** Carries out an approved reset: the Compose program's `down`, then each approved volume by its name. */
import {
  type ActionContext,
  type ActionOutcome,
  type ItemOutcome,
  isRefused,
  type PlanDraft,
  type ScopeItem,
} from '../../domain/action.ts';
import { OutcomeUnknown } from '../../domain/outcome-unknown.ts';
import type { Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import { goneItems, runVerb, strangers } from '../compose/program-way.ts';
import type { ComposeDeps, ComposeSettings } from '../compose/stack.ts';
import { planDiffers } from '../plan-differs.ts';
import { sayCount } from '../say-size.ts';
import { countUsers, readVolume } from '../volumes-remove/engine.ts';
import { volumeId } from '../volumes-remove/guard.ts';
import { ALREADY_GONE, removeVolume } from '../volumes-remove/remove-volume.ts';
import { lookReset, type Reset } from './plan.ts';

/**
 * `down` is never given `-v`: it would take what has appeared since the plan. Throws OutcomeUnknown when a removal was
 * asked for and nobody can tell what became of it.
 */
export async function executeReset(
  deps: ComposeDeps,
  target: Target,
  settings: ComposeSettings,
  plan: PlanDraft,
  act: () => Promise<void>,
  context: ActionContext,
): Promise<ActionOutcome> {
  const looked = await lookReset(deps, target, settings, context);
  if (isRefused(looked)) return superseded(looked.refused);
  // A new volume stays; a new container or network would be taken by `down`.
  const fresh = strangers(plan, looked.draft).filter((line) => !line.startsWith('volume '));
  const differs = [...planDiffers(plan, looked.draft), ...fresh];
  if (differs.length > 0) return superseded(differs.join('; '));
  if (!isAnyLeft(plan, looked)) return superseded('nothing that was approved is left');
  context.signal.throwIfAborted();
  await act();
  if (context.signal.aborted) {
    return { state: 'failed', summary: 'nothing was done: it was stopped before', items: [] };
  }
  const ran = await runVerb(looked.way, ['down'], deps.env, context);
  const gone = ran.started ? await goneItems(looked.stack, plan).catch(() => []) : [];
  const volumes = volumeItems(plan);
  const removed = ran.good
    ? await removeAll(looked, volumes, context)
    : volumes.map(
        ({ name }): ItemOutcome => ({ name, outcome: 'kept', note: 'not reached: down had failed' }),
      );
  const items = [...gone, ...removed];
  const good = ran.good && items.every(({ outcome }) => outcome !== 'failed');
  const done = removed.filter(({ outcome }) => outcome === 'done').length;
  return {
    state: good ? 'succeeded' : 'failed',
    summary: `${ran.says}; ${done} of ${sayCount(volumes.length, 'volume')} removed`,
    items,
    output: ran.output,
  };
}

const volumeItems = (plan: PlanDraft): readonly ScopeItem[] =>
  plan.scope.kind === 'items' ? plan.scope.items.filter(({ id }) => id.startsWith('volume:')) : [];

function isAnyLeft(plan: PlanDraft, { draft }: Reset): boolean {
  const now = new Set(draft.scope.kind === 'items' ? draft.scope.items.map(({ id }) => id) : []);
  return plan.scope.kind === 'items' && plan.scope.items.some(({ id }) => now.has(id));
}

async function removeAll(
  { stack }: Reset,
  volumes: readonly ScopeItem[],
  context: ActionContext,
): Promise<readonly ItemOutcome[]> {
  const items: ItemOutcome[] = [];
  for (const [index, item] of volumes.entries()) {
    context.progress(`removing ${item.name} (${index + 1} of ${volumes.length})`);
    items.push({ name: item.name, ...(await removeOne(stack.docker, item, items, context)) });
  }
  return items;
}

/** Its creation time and its users are read right before. */
async function removeOne(
  docker: Reset['stack']['docker'],
  item: ScopeItem,
  before: readonly ItemOutcome[],
  { signal }: ActionContext,
): Promise<Omit<ItemOutcome, 'name'>> {
  if (signal.aborted) return { outcome: 'failed', note: 'not reached: it was stopped before' };
  const name = item.name.slice('volume '.length);
  try {
    const now = await readVolume(docker, name, signal);
    if (now === null) return { outcome: 'done', note: ALREADY_GONE };
    if (`volume:${volumeId(now)}` !== item.id)
      return { outcome: 'kept', note: 'another volume of that name by now' };
    const users = await countUsers(docker, name, signal);
    if (users > 0)
      return { outcome: 'kept', note: `used by ${sayCount(users, 'container')} outside the project` };
  } catch (error) {
    return { outcome: 'failed', note: `could not be looked at again: ${say(error)}` };
  }
  try {
    return await removeVolume(docker, name, signal);
  } catch (error) {
    const removed = before.filter(({ outcome }) => outcome === 'done').map((one) => one.name);
    const done =
      removed.length === 0 ? 'no volume was removed before it' : `removed before it: ${removed.join(', ')}`;
    throw new OutcomeUnknown(`whether ${item.name} was removed is not known (${say(error)}); ${done}`, {
      cause: error,
    });
  }
}

const say = (error: unknown): string => oneLine(error instanceof Error ? error.message : String(error), 160);

function superseded(why: string): ActionOutcome {
  return { state: 'superseded', summary: `nothing was done: ${why}` };
}
