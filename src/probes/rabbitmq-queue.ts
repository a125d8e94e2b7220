/** A queue's depth and consumers, by a passive declaration: it is never made by asking. */
import { z } from 'zod';
import { askAmqp } from '../clients/amqp.ts';
import { addressOf, degraded, probeKind, up } from './probe-kind.ts';

const settings = z.strictObject({
  queue: z.string().min(1).max(255),
  /** Messages, past which it is degraded. */
  maxDepth: z.int().min(0).optional(),
  minConsumers: z.int().min(0).optional(),
});

export const rabbitmqQueue = probeKind<z.output<typeof settings>>({
  name: 'rabbitmq.queue',
  settings,
  needs: { schemes: ['amqp', 'amqps'] },
  facts: { depth: { type: 'number' }, consumers: { type: 'number' } },
  async probe(target, { queue, maxDepth, minConsumers }, context) {
    const answer = await askAmqp(addressOf(target), context, (channel) => channel.checkQueue(queue));
    const facts = { depth: answer.messageCount, consumers: answer.consumerCount };
    if (maxDepth !== undefined && facts.depth > maxDepth) {
      return degraded(`${facts.depth} messages wait in ${queue}, more than ${maxDepth}`, facts);
    }
    if (minConsumers !== undefined && facts.consumers < minConsumers) {
      return degraded(`${facts.consumers} consumers of ${queue}, fewer than ${minConsumers}`, facts);
    }
    return up(facts);
  },
});
