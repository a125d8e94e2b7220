/** Removes approved volumes one by one, each looked at again right before; never through a prune endpoint. */
import type Docker from 'dockerode';
import { openDocker } from '../../clients/docker.ts';
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
import { sayCount } from '../say-size.ts';
import { answeredWith, countUsers, readEngine, readVolume } from './engine.ts';
import { engineMarker, KEPT_BECAUSE, volumeId, whyKept } from './guard.ts';
import { ALREADY_GONE, removeVolume } from './remove-volume.ts';

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
  context.signal.throwIfAborted();
  if (plan.scope.kind !== 'items') return superseded('the plan is not about volumes');
  const docker = openDocker(target.dockerHost, { timeoutMs: context.timeoutMs });
  const changed = await whyNot(docker, target, plan, context);
  if (changed !== null) return superseded(changed);

  const items: ItemOutcome[] = [];
  let announced = false;
  for (const item of plan.scope.items) {
    let look = await lookAgain(docker, item, target, context, announced);
    if (look === null && !announced) {
      await act();
      announced = true;
      // Announcing took time, and the creation time must be read right before.
      look = await lookAgain(docker, item, target, context, announced);
    }
    items.push(look ?? (await remove(docker, item, items, context)));
  }
  return summarise(items, announced);
}

async function whyNot(
  docker: Docker,
  target: Target,
  plan: PlanDraft,
  context: ActionContext,
): Promise<string | null> {
  const engine = await readEngine(docker, context.signal);
  const marked = engineMarker(engine, target);
  if (isRefused(marked)) return marked.refused;
  if (plan.identity.engine_id !== engine.id) return `engine was ${plan.identity.engine_id}, is ${engine.id}`;
  return marked.marker === plan.marker ? null : `marker was ${plan.marker}, is ${marked.marker}`;
}

/** Null when this very volume may go now; otherwise what becomes of it without it being touched. */
async function lookAgain(
  docker: Docker,
  item: ScopeItem,
  target: Target,
  context: ActionContext,
  announced: boolean,
): Promise<ItemOutcome | null> {
  const { name } = item;
  const kept = (note: string): ItemOutcome => ({ name, outcome: 'kept', note });
  if (context.signal.aborted) {
    if (!announced) throw context.signal.reason;
    return { name, outcome: 'failed', note: 'not reached: it was stopped before' };
  }
  try {
    const volume = await readVolume(docker, name, context.signal);
    if (volume === null) return { name, outcome: 'done', note: ALREADY_GONE };
    if (volumeId(volume) !== item.id)
      return kept(`another volume of that name, made ${volume.createdAt ?? 'later'}`);
    const why = whyKept(volume, target, context.self);
    if (why !== null) return kept(KEPT_BECAUSE[why]);
    const users = await countUsers(docker, name, context.signal);
    return users === 0 ? null : kept(`used by ${sayCount(users, 'container')} now`);
  } catch (error) {
    if (!announced) throw error;
    return { name, outcome: 'failed', note: `could not be looked at again: ${say(error)}` };
  }
}

async function remove(
  docker: Docker,
  { name }: ScopeItem,
  before: readonly ItemOutcome[],
  context: ActionContext,
): Promise<ItemOutcome> {
  try {
    return { name, ...(await removeVolume(docker, name, context.signal)) };
  } catch (error) {
    const removed = before.filter((item) => item.outcome === 'done').map((item) => item.name);
    const done =
      removed.length === 0 ? 'none was removed before it' : `removed before it: ${removed.join(', ')}`;
    throw new OutcomeUnknown(`whether volume ${name} was removed is not known (${say(error)}); ${done}`, {
      cause: error,
    });
  }
}

function summarise(items: readonly ItemOutcome[], announced: boolean): ActionOutcome {
  const count = (outcome: ItemOutcome['outcome']) => items.filter((item) => item.outcome === outcome).length;
  const gone = items.filter(({ note }) => note === ALREADY_GONE).length;
  if (!announced && gone < items.length) {
    const stay = items.filter(({ outcome }) => outcome === 'kept');
    return superseded(stay.map(({ name, note }) => `${name} stays: ${note}`).join('; '));
  }
  const [kept, failed] = [count('kept'), count('failed')];
  const parts = [
    `${sayCount(count('done') - gone, 'volume')} removed`,
    ...(gone > 0 ? [`${gone} already gone`] : []),
    ...(kept > 0 ? [`${kept} kept`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  return { state: failed === 0 ? 'succeeded' : 'failed', summary: parts.join(', '), items };
}

function superseded(why: string): ActionOutcome {
  return { state: 'superseded', summary: `nothing was removed: ${why}` };
}

const say = (error: unknown): string =>
  oneLine(answeredWith(error)?.message ?? (error instanceof Error ? error.message : String(error)), 160);
