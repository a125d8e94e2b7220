/** A real RabbitMQ with a queue in which messages wait. */
import { type Channel, connect } from 'amqplib';
import type { Target } from '../../src/domain/target.ts';
import { startRabbitmq } from '../servers/rabbitmq.ts';
import { target } from './fixtures.ts';
import { startSettlingWay } from './settling-way.ts';

export const QUEUE = 'orders.retry';
export const WAITING = 5;

export interface RabbitmqBench {
  readonly target: Target;
  readonly gone: Partial<Target>;
  readonly managementPort: number;
  readonly channel: Channel;
  /** The queue, made anew, with `WAITING` messages. */
  fill(): Promise<void>;
  publish(count: number): Promise<void>;
  /** Another queue of the same name, with as many messages. */
  replace(): Promise<void>;
  depth(): Promise<number>;
  settled(): Promise<void>;
  stop(): Promise<void>;
}

export async function startRabbitmqBench(): Promise<RabbitmqBench> {
  const server = await startRabbitmq();
  const way = await startSettlingWay(server.port);
  const model = await connect(server.url);
  const channel = await model.createConfirmChannel();
  const publish = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n += 1) channel.sendToQueue(QUEUE, Buffer.from(`message ${n}`));
    await channel.waitForConfirms();
  };
  const make = async (durable: boolean): Promise<void> => {
    await channel.deleteQueue(QUEUE);
    await channel.assertQueue(QUEUE, { durable });
    await publish(WAITING);
  };
  return {
    target: target({ service: 'rabbitmq', url: `amqp://guest:guest@127.0.0.1:${way.port}` }),
    gone: { url: 'amqp://guest:not-to-be-shown@127.0.0.1:1' },
    managementPort: server.managementPort,
    channel,
    fill: () => make(true),
    publish,
    replace: () => make(false),
    depth: async () => (await channel.checkQueue(QUEUE)).messageCount,
    settled: way.settled,
    async stop() {
      await model.close();
      await way.stop();
      await server.stop();
    },
  };
}
