/** What a purge would throw away. Only reads. */
import { askAmqp } from '../../clients/amqp.ts';
import type { ActionContext, PlanDraft, Refused } from '../../domain/action.ts';
import { shownAddress, type Target } from '../../domain/target.ts';
import { oneLine } from '../../domain/text.ts';
import { sayCount } from '../say-size.ts';
import { brokerAddress, type Inspected, inspectQueue, isBrokersRefusal } from './inspect.ts';
import type { PurgeSettings } from './settings.ts';

/** Throws when the broker can't be reached. */
export async function planPurge(
  target: Target,
  settings: PurgeSettings,
  context: ActionContext,
): Promise<PlanDraft | Refused> {
  context.signal.throwIfAborted();
  const url = brokerAddress(target);
  if (typeof url !== 'string') return url;
  try {
    const found = await askAmqp(url, context, (channel) => inspectQueue(channel, url, settings, context));
    return found.messages === 0 ? nothingWaits(settings.queue) : draft(url, settings.queue, found);
  } catch (error) {
    context.signal.throwIfAborted();
    if (isBrokersRefusal(error)) return { refused: `RabbitMQ refused: ${oneLine(error.message)}` };
    throw error;
  }
}

function nothingWaits(queue: string): Refused {
  return {
    refused: `no message waits in ${oneLine(queue, 80)}; one that was delivered and is not acknowledged can't be purged`,
  };
}

function draft(
  url: string,
  queue: string,
  { identity, scope, messages, consumers, definition }: Inspected,
): PlanDraft {
  const withWhat = Object.keys(definition?.arguments ?? {});
  return {
    identity,
    marker: null,
    scope,
    preview: [
      `RabbitMQ ${oneLine(String(identity.version ?? '?'), 20)} at ${shownAddress(new URL('/', url).href)}`,
      `goes: ${sayCount(messages, 'message')} waiting in ${oneLine(queue, 80)}, and none is dead-lettered`,
      consumers === 0
        ? 'nobody consumes from it'
        : `${sayCount(consumers, 'consumer')} at work: what was delivered and is not acknowledged stays`,
      ...(definition === null
        ? []
        : [
            `a ${definition.type} queue, ${definition.durable ? 'durable' : 'not durable'}${withWhat.length > 0 ? `, with ${oneLine(withWhat.join(', '))}` : ''}`,
          ]),
    ],
    undo: { kind: 'none', reason: 'RabbitMQ keeps no copy of the messages of a purged queue' },
  };
}
