/** Approved things of a Docker engine are removed one by one, each looked at again right before. */
import type Docker from 'dockerode';
import {
  type ActionContext,
  type ActionOutcome,
  type ItemOutcome,
  isRefused,
  type PlanDraft,
  type ScopeItem,
} from '../domain/action.ts';
import { OutcomeUnknown } from '../domain/outcome-unknown.ts';
import type { Target } from '../domain/target.ts';
import { nothingWas } from './outcomes.ts';
import { sayCount } from './say-size.ts';
import { readEngine } from './volumes-remove/engine.ts';
import { engineMarker } from './volumes-remove/guard.ts';

/** Of an item that somebody else has removed meanwhile; it counts as done. */
export const ALREADY_GONE = 'already gone';

export interface Removal {
  /** Null: this very thing may go now; otherwise what becomes of it without it being touched. */
  readonly look: (item: ScopeItem) => Promise<ItemOutcome | null>;
  /** Asks the engine. Rejects when nobody can tell what became of it. */
  readonly remove: (item: ScopeItem) => Promise<Omit<ItemOutcome, 'name'>>;
  /** `volume data`: what an unknown end is told of. */
  readonly call: (item: ScopeItem) => string;
  readonly say: (error: unknown) => string;
}

export interface Gone {
  readonly items: readonly ItemOutcome[];
  /** False: nothing could go, so no act was announced. */
  readonly announced: boolean;
}

/** `act` is called once, before the first thing that may go. Throws OutcomeUnknown once a removal's end is not known. */
export async function removeInTurn(
  scope: readonly ScopeItem[],
  how: Removal,
  act: () => Promise<void>,
  context: Pick<ActionContext, 'signal' | 'progress'>,
): Promise<Gone> {
  const items: ItemOutcome[] = [];
  let announced = false;
  for (const item of scope) {
    let look = await lookOnce(item, how, context.signal, announced);
    if (look === null && !announced) {
      await act();
      announced = true;
      // Announcing took time, and this must be read right before.
      look = await lookOnce(item, how, context.signal, announced);
    }
    context.progress(`${items.length + 1} of ${scope.length}: ${item.name}`);
    items.push(look ?? (await removeOne(item, how, items)));
  }
  return { items, announced };
}

/** Before the announcement whatever is thrown ends it all, with nothing done; after it the item alone has failed. */
async function lookOnce(
  item: ScopeItem,
  { look, say }: Removal,
  signal: AbortSignal,
  announced: boolean,
): Promise<ItemOutcome | null> {
  const failed = (note: string): ItemOutcome => ({ name: item.name, outcome: 'failed', note });
  if (signal.aborted) {
    if (!announced) throw signal.reason;
    return failed('not reached: it was stopped before');
  }
  try {
    return await look(item);
  } catch (error) {
    if (!announced) throw error;
    return failed(`could not be looked at again: ${say(error)}`);
  }
}

async function removeOne(
  item: ScopeItem,
  { remove, call, say }: Removal,
  before: readonly ItemOutcome[],
): Promise<ItemOutcome> {
  try {
    return { name: item.name, ...(await remove(item)) };
  } catch (error) {
    const removed = before.filter(({ outcome }) => outcome === 'done').map(({ name }) => name);
    const done =
      removed.length === 0 ? 'nothing was removed before it' : `removed before it: ${removed.join(', ')}`;
    throw new OutcomeUnknown(`whether ${call(item)} was removed is not known (${say(error)}); ${done}`, {
      cause: error,
    });
  }
}

/** Null: it is the engine that the plan was made for, with the operator's own mark. */
export async function whyNotThisEngine(
  docker: Docker,
  target: Target,
  plan: PlanDraft,
  signal: AbortSignal,
): Promise<string | null> {
  const engine = await readEngine(docker, signal);
  const marked = engineMarker(engine, target);
  if (isRefused(marked)) return marked.refused;
  if (plan.identity.engine_id !== engine.id) return `engine was ${plan.identity.engine_id}, is ${engine.id}`;
  return marked.marker === plan.marker ? null : `marker was ${plan.marker}, is ${marked.marker}`;
}

export const nothingRemoved = nothingWas('removed');

/** `2 volumes removed, 1 already gone, 1 kept`. */
export function removalOutcome(items: readonly ItemOutcome[], noun: string): ActionOutcome {
  return {
    state: items.some(({ outcome }) => outcome === 'failed') ? 'failed' : 'succeeded',
    summary: tally(items, noun),
    items,
  };
}

function tally(items: readonly ItemOutcome[], noun: string): string {
  const count = (outcome: ItemOutcome['outcome']) => items.filter((item) => item.outcome === outcome).length;
  const gone = items.filter(({ note }) => note === ALREADY_GONE).length;
  const others = [
    [gone, ALREADY_GONE],
    [count('kept'), 'kept'],
    [count('failed'), 'failed'],
  ] as const;
  return [
    `${sayCount(count('done') - gone, noun)} removed`,
    ...others.filter(([n]) => n > 0).map(([n, word]) => `${n} ${word}`),
  ].join(', ');
}
