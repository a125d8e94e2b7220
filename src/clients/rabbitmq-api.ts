/** RabbitMQ's management API, beside the broker itself. */
import { z } from 'zod';
import type { AmqpBounds } from './amqp.ts';
import { askJson, under } from './http-json.ts';

const MAX_ANSWER_BYTES = 1_048_576;
const queueAnswer = z.object({
  durable: z.boolean(),
  auto_delete: z.boolean(),
  type: z.string().default('classic'),
  arguments: z.record(z.string(), z.unknown()).default({}),
});

export interface QueueDefinition {
  readonly durable: boolean;
  readonly autoDelete: boolean;
  /** `classic`, `quorum`, `stream`. */
  readonly type: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** Where the API is: at the address itself when that is HTTP, else on `port` of the broker's host, with its login. */
export function rabbitmqApi(address: string, port: number): string {
  const url = new URL(address);
  if (url.protocol.startsWith('http')) return address;
  const scheme = url.protocol === 'amqps:' ? 'https' : 'http';
  const login = url.username === '' ? '' : `${url.username}:${url.password}@`;
  return `${scheme}://${login}${url.hostname}:${port}`;
}

/** What the queue was declared with, which AMQP itself doesn't tell. Throws a TargetError. */
export async function readQueueDefinition(
  api: string,
  { vhost, queue }: { readonly vhost: string; readonly queue: string },
  bounds: AmqpBounds,
): Promise<QueueDefinition> {
  const path = `/api/queues/${encodeURIComponent(vhost)}/${encodeURIComponent(queue)}`;
  const found = await askJson(under(api, path), queueAnswer, { ...bounds, maxBytes: MAX_ANSWER_BYTES });
  return {
    durable: found.durable,
    autoDelete: found.auto_delete,
    type: found.type,
    arguments: found.arguments,
  };
}
