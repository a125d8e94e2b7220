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
import { nothingWas } from '../outcomes.ts';
import { planDiffers } from '../plan-differs.ts';
import { ALREADY_GONE } from '../remove-in-turn.ts';
import { sayCount } from '../say-size.ts';
import { countUsers, readVolume, type Volume } from '../volumes-remove/engine.ts';
import { volumeId } from '../volumes-remove/guard.ts';
import { removeVolume } from '../volumes-remove/remove-volume.ts';
import { lookReset, type Reset } from './plan.ts';
import { destroyedSince, engineTime, isHeld } from './volume-identity.ts';

const superseded = nothingWas('done');

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
  const since = await engineTime(target, context);
  await act();
  if (context.signal.aborted) {
    return { state: 'failed', summary: 'nothing was done: it was stopped before', items: [] };
  }
  const ran = await runVerb(looked.way, ['down'], deps.env, context);
  const gone = ran.started ? await goneItems(looked.stack, plan).catch(() => []) : [];
  const volumes = volumeItems(plan);
  const removed = ran.good
    ? await removeAll(looked, volumes, () => destroyedSince(target, since, context), context)
    : volumes.map(
        ({ name }): ItemOutcome => ({ name, outcome: 'kept', note: 'not reached: down had failed' }),
      );
  const items = [...gone, ...removed];
  // With a volume kept the stack would not start from nothing: whatever comes next must not go on as if it did.
  const good = ran.good && items.every(({ outcome }) => outcome === 'done');
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

type Destroyed = () => Promise<ReadonlySet<string>>;

async function removeAll(
  { stack, draft }: Reset,
  volumes: readonly ScopeItem[],
  destroyed: Destroyed,
  context: ActionContext,
): Promise<readonly ItemOutcome[]> {
  const items: ItemOutcome[] = [];
  const heldBefore = new Set(draft.scope.kind === 'items' ? draft.scope.items.map(({ id }) => id) : []);
  const isSame = async (item: ScopeItem, now: Volume): Promise<boolean> =>
    isHeld(item.id)
      ? heldBefore.has(item.id) && !(await destroyed()).has(now.name)
      : `volume:${volumeId(now)}` === item.id;
  for (const [index, item] of volumes.entries()) {
    context.progress(`removing ${item.name} (${index + 1} of ${volumes.length})`);
    items.push({ name: item.name, ...(await removeOne(stack.docker, item, isSame, items, context)) });
  }
  return items;
}

/** What it is known by and its users are read right before. */
async function removeOne(
  docker: Reset['stack']['docker'],
  item: ScopeItem,
  isSame: (item: ScopeItem, now: Volume) => Promise<boolean>,
  before: readonly ItemOutcome[],
  { signal }: ActionContext,
): Promise<Omit<ItemOutcome, 'name'>> {
  if (signal.aborted) return { outcome: 'failed', note: 'not reached: it was stopped before' };
  const name = item.name.slice('volume '.length);
  try {
    const now = await readVolume(docker, name, signal);
    if (now === null) return { outcome: 'done', note: ALREADY_GONE };
    if (!(await isSame(item, now))) return { outcome: 'kept', note: 'another volume of that name by now' };
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
