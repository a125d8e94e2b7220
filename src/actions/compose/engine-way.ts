/** Without the Compose program: the approved containers of a project, one after the other, each by its id. */
import { type ListedContainer, readContainer } from '../../clients/docker-container.ts';
import type { ActionContext, ActionOutcome, ItemOutcome, PlanDraft } from '../../domain/action.ts';
import { OutcomeUnknown } from '../../domain/outcome-unknown.ts';
import type { Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import { whyUntouchable } from '../docker-guard.ts';
import { changeContainer, ownGrace, type Power } from '../docker-power.ts';
import { sayCount } from '../say-size.ts';
import { startOrder } from './order.ts';
import { containerItem } from './say-stack.ts';
import type { Stack } from './stack.ts';

type Found = Omit<ItemOutcome, 'name'>;

/** Throws OutcomeUnknown when what became of one of them can't be told; those before it are named. */
export async function changeEach(
  power: Power,
  { docker, containers, project }: Stack,
  plan: PlanDraft,
  target: Target,
  act: () => Promise<void>,
  context: ActionContext,
): Promise<ActionOutcome> {
  const approved = new Set(plan.scope.kind === 'items' ? plan.scope.items.map(({ id }) => id) : []);
  const mine = containers.filter((container) => approved.has(containerItem(container).id));
  if (mine.length === 0)
    return { state: 'superseded', summary: 'nothing was done: none of the approved containers is left' };
  const ordered = power.verb === 'stop' ? [...startOrder(mine)].reverse() : startOrder(mine);
  const items: ItemOutcome[] = [];
  let announced = false;
  const announce = async (): Promise<void> => {
    if (!announced) await act();
    announced = true;
  };
  for (const [index, container] of ordered.entries()) {
    context.progress(`${index + 1} of ${ordered.length}: ${power.verb} ${container.name}`);
    if (context.signal.aborted && !announced) throw context.signal.reason;
    try {
      const found = await changeOne(power, docker, container, target, announce, context);
      items.push({ name: container.name, ...found });
    } catch (error) {
      if (!(error instanceof OutcomeUnknown)) throw error;
      const done = items.filter(({ outcome }) => outcome === 'done').map(({ name }) => name);
      const before = done.length === 0 ? 'none before it' : `${power.done} before it: ${done.join(', ')}`;
      throw new OutcomeUnknown(`${error.message}; ${before}`, { cause: error });
    }
  }
  return summarise(power, project, items);
}

async function changeOne(
  power: Power,
  docker: Stack['docker'],
  { id }: ListedContainer,
  target: Target,
  announce: () => Promise<void>,
  context: ActionContext,
): Promise<Found> {
  const stopped: Found = { outcome: 'failed', note: 'not reached: it was stopped before' };
  if (context.signal.aborted) return stopped;
  const now = await readContainer(docker, id, context.signal);
  if (now === null) return { outcome: 'kept', note: 'no longer there' };
  const untouchable = whyUntouchable(now, target, context.self);
  if (untouchable !== null) return { outcome: 'kept', note: oneLine(untouchable) };
  const already = power.already(now);
  if (already !== null) return { outcome: 'done', note: already };
  await announce();
  if (context.signal.aborted) return stopped;
  return changeContainer(power, docker, now, ownGrace(now, context.timeoutMs), context.signal);
}

function summarise(power: Power, project: string, items: readonly ItemOutcome[]): ActionOutcome {
  const count = (outcome: ItemOutcome['outcome']) => items.filter((item) => item.outcome === outcome).length;
  const failed = count('failed');
  const parts = [
    `${sayCount(count('done'), 'container')} of ${project} ${power.done}`,
    ...(count('kept') > 0 ? [`${count('kept')} left alone`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  return { state: failed === 0 ? 'succeeded' : 'failed', summary: parts.join(', '), items };
}
