/** Carries out an approved prune: the approved things one by one, never the engine's own prune. */
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
import { readEngine } from '../volumes-remove/engine.ts';
import { engineMarker } from '../volumes-remove/guard.ts';
import { ALREADY_GONE, lookAgain, removeThing, thingOf } from './remove-item.ts';

/** Throws OutcomeUnknown when a removal was asked for and nobody can tell what became of it. */
export async function executePrune(
  target: Target,
  plan: PlanDraft,
  act: () => Promise<void>,
  context: ActionContext,
): Promise<ActionOutcome> {
  context.signal.throwIfAborted();
  if (plan.scope.kind !== 'items') return superseded('the plan is not about things of an engine');
  const docker = openDocker(target.dockerHost, { timeoutMs: context.timeoutMs });
  const changed = await whyNot(docker, target, plan, context);
  if (changed !== null) return superseded(changed);
  const items: ItemOutcome[] = [];
  let announced = false;
  for (const item of plan.scope.items) {
    let look = await lookOnce(docker, item, target, context, announced);
    if (look === null && !announced) {
      await act();
      announced = true;
      // Announcing took time, and this must be read right before.
      look = await lookOnce(docker, item, target, context, announced);
    }
    context.progress(`${items.length + 1} of ${plan.scope.items.length}: ${item.name}`);
    items.push(look ?? (await remove(docker, item, items, context)));
  }
  return summarise(items, announced);
}

async function whyNot(
  docker: Docker,
  target: Target,
  plan: PlanDraft,
  { signal }: ActionContext,
): Promise<string | null> {
  const engine = await readEngine(docker, signal);
  const marked = engineMarker(engine, target);
  if (isRefused(marked)) return marked.refused;
  if (plan.identity.engine_id !== engine.id) return `engine was ${plan.identity.engine_id}, is ${engine.id}`;
  return marked.marker === plan.marker ? null : `marker was ${plan.marker}, is ${marked.marker}`;
}

/** Null when it may go now; otherwise what becomes of it without it being touched. */
async function lookOnce(
  docker: Docker,
  { id, name }: ScopeItem,
  target: Target,
  { signal, self }: ActionContext,
  announced: boolean,
): Promise<ItemOutcome | null> {
  if (signal.aborted) {
    if (!announced) throw signal.reason;
    return { name, outcome: 'failed', note: 'not reached: it was stopped before' };
  }
  const thing = thingOf(id);
  if (thing === null) return { name, outcome: 'kept', note: 'not a container, network or image' };
  try {
    const found = await lookAgain(docker, thing, target, self, signal);
    return found === null ? null : { name, ...found };
  } catch (error) {
    if (!announced) throw error;
    return { name, outcome: 'failed', note: `could not be looked at again: ${say(error)}` };
  }
}

async function remove(
  docker: Docker,
  { id, name }: ScopeItem,
  before: readonly ItemOutcome[],
  { signal }: ActionContext,
): Promise<ItemOutcome> {
  const thing = thingOf(id);
  if (thing === null) return { name, outcome: 'kept', note: 'not a container, network or image' };
  try {
    return { name, ...(await removeThing(docker, thing, signal)) };
  } catch (error) {
    const removed = before.filter(({ outcome }) => outcome === 'done').map((one) => one.name);
    const done =
      removed.length === 0 ? 'nothing was removed before it' : `removed before it: ${removed.join(', ')}`;
    throw new OutcomeUnknown(`whether ${name} was removed is not known (${say(error)}); ${done}`, {
      cause: error,
    });
  }
}

function summarise(items: readonly ItemOutcome[], announced: boolean): ActionOutcome {
  const count = (outcome: ItemOutcome['outcome']) => items.filter((item) => item.outcome === outcome).length;
  const gone = items.filter(({ note }) => note === ALREADY_GONE).length;
  if (!announced) {
    const stay = items.map(({ name, note }) => `${name}: ${note}`);
    return superseded(stay.join('; '));
  }
  const [kept, failed] = [count('kept'), count('failed')];
  const parts = [
    `${sayCount(count('done') - gone, 'thing')} removed`,
    ...(gone > 0 ? [`${gone} already gone`] : []),
    ...(kept > 0 ? [`${kept} kept`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  return { state: failed === 0 ? 'succeeded' : 'failed', summary: parts.join(', '), items };
}

function superseded(why: string): ActionOutcome {
  return { state: 'superseded', summary: `nothing was removed: ${why}` };
}

const say = (error: unknown): string => oneLine(error instanceof Error ? error.message : String(error), 160);
