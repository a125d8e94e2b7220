/** The purge itself: looked at again, announced, done once, on a connection of its own. */
import type { Channel } from 'amqplib';
import { askAmqp } from '../../clients/amqp.ts';
import type { ActionContext, ActionOutcome, PlanDraft } from '../../domain/action.ts';
import { OutcomeUnknown } from '../../domain/outcome-unknown.ts';
import type { Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import { failedOn, nothingWas } from '../outcomes.ts';
import { planDiffers } from '../plan-differs.ts';
import { sayCount } from '../say-size.ts';
import { brokerAddress, inspectQueue, isBrokersRefusal } from './inspect.ts';
import type { PurgeSettings } from './settings.ts';

const superseded = nothingWas('purged');

/** How far it has come: what an error means depends on it. */
interface Progress {
  phase: 'looking' | 'announcing' | 'announced' | 'sent' | 'over';
  /** What the journal said instead of allowing it. */
  forbidden: unknown;
}

interface Purge {
  readonly url: string;
  readonly settings: PurgeSettings;
  readonly plan: PlanDraft;
  readonly act: () => Promise<void>;
  readonly context: ActionContext;
}

/** Throws OutcomeUnknown when the purge was sent and no answer came; whatever else is thrown, nothing was purged. */
export async function executePurge(
  target: Target,
  settings: PurgeSettings,
  plan: PlanDraft,
  act: () => Promise<void>,
  context: ActionContext,
): Promise<ActionOutcome> {
  context.signal.throwIfAborted();
  const url = brokerAddress(target);
  if (typeof url !== 'string') return superseded(url.refused);
  const progress: Progress = { phase: 'looking', forbidden: null };
  try {
    return await askAmqp(url, context, (channel) =>
      purge(channel, progress, { url, settings, plan, act, context }),
    );
  } catch (error) {
    return whatBecame(error, progress.phase, progress, settings.queue, context.signal);
  } finally {
    progress.phase = 'over';
  }
}

async function purge(
  channel: Channel,
  progress: Progress,
  { url, settings, plan, act, context }: Purge,
): Promise<ActionOutcome> {
  const { queue } = settings;
  const now = await inspectQueue(channel, url, settings, context);
  const differs = planDiffers(plan, { ...now, marker: null });
  if (differs.length > 0) return superseded(differs.join('; '));
  if (plan.scope.kind !== 'keyspace' || !(now.messages <= plan.scope.mayGrowTo)) {
    const bound = plan.scope.kind === 'keyspace' ? plan.scope.mayGrowTo : 0;
    return superseded(`${sayCount(now.messages, 'message')} are waiting now, approved were up to ${bound}`);
  }
  progress.phase = 'announcing';
  try {
    await act();
  } catch (error) {
    progress.forbidden = error;
    throw error;
  }
  // The connection may have broken, and been given up, while the act was announced.
  if (progress.phase !== 'announcing' || context.signal.aborted) {
    return failedOn(queue, 'nothing was purged: it was stopped before');
  }
  progress.phase = 'sent';
  const { messageCount } = await channel.purgeQueue(queue);
  const note = `${sayCount(messageCount, 'message')} purged`;
  return {
    state: 'succeeded',
    summary: `${queue}: ${note}`,
    items: [{ name: queue, outcome: 'done', note }],
  };
}

function whatBecame(
  error: unknown,
  phase: Progress['phase'],
  { forbidden }: Progress,
  queue: string,
  signal: AbortSignal,
): ActionOutcome {
  if (forbidden !== null) throw forbidden;
  const why = oneLine(error instanceof Error ? error.message : String(error), 160);
  if (isBrokersRefusal(error)) {
    return phase === 'looking'
      ? superseded(why)
      : failedOn(queue, `nothing was purged: RabbitMQ refused: ${why}`);
  }
  if (phase === 'sent') {
    throw new OutcomeUnknown(
      `the purge of ${queue} was sent and no answer came (${why}): whether its messages are gone is not known`,
      { cause: error },
    );
  }
  if (phase !== 'looking') return failedOn(queue, `nothing was purged: ${why}`);
  signal.throwIfAborted();
  throw error;
}

/** New messages may have come; those that were approved are gone when fewer wait than did. */
export async function verifyPurge(
  target: Target,
  { queue }: PurgeSettings,
  plan: PlanDraft,
  context: ActionContext,
): Promise<{ readonly good: boolean; readonly says: string }> {
  const { messageCount } = await askAmqp(target.url ?? '', context, (channel) => channel.checkQueue(queue));
  const before = plan.scope.kind === 'keyspace' ? plan.scope.keys : 0;
  const says = `${sayCount(messageCount, 'message')} waiting in ${oneLine(queue, 80)} now`;
  return { good: messageCount < before, says };
}
