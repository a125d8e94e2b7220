/** What a queue is and holds, read on the connection that will be used. Only reads. */
import type { Channel } from 'amqplib';
import { z } from 'zod';
import { type QueueDefinition, rabbitmqApi, readQueueDefinition } from '../../clients/rabbitmq-api.ts';
import type { ActionContext, PlanDraft, Refused } from '../../domain/action.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { Facts } from '../../domain/probe.ts';
import { shownAddress, type Target } from '../../domain/target.ts';
import type { PurgeSettings } from './settings.ts';

export interface Inspected {
  readonly identity: Facts;
  readonly scope: PlanDraft['scope'] & { readonly kind: 'keyspace' };
  readonly messages: number;
  readonly consumers: number;
  /** Null: the management API was not asked. */
  readonly definition: QueueDefinition | null;
}

/** What a broker says of itself when a connection opens (RabbitMQ, "Server properties"). */
const serverProperties = z.object({ cluster_name: z.string().nullish(), version: z.string().nullish() });
/** AMQP 0-9-1's channel errors: the broker answered, and did not do what was asked. */
const REFUSALS: ReadonlySet<unknown> = new Set([403, 404, 405, 406]);

/** Why this target can't be purged at all, or its address. */
export function brokerAddress(target: Target): string | Refused {
  const { url } = target;
  if (url === null) return { refused: `no address is configured for ${target.service}` };
  if (!/^amqps?:\/\//iu.test(url))
    return { refused: `the address of ${target.service} is not an amqp:// one` };
  return target.sandboxOnly
    ? { refused: "local mode only changes the sandbox, and this RabbitMQ can't be told to be part of it" }
    : url;
}

/** By a passive declaration: a queue is never made by asking for it. */
export async function inspectQueue(
  channel: Channel,
  url: string,
  { queue, managementPort }: PurgeSettings,
  context: ActionContext,
): Promise<Inspected> {
  const { messageCount, consumerCount } = await channel.checkQueue(queue);
  const { cluster_name, version } = serverProperties.parse(channel.connection.serverProperties);
  const vhost = new URL(url).pathname.slice(1) || '/';
  const definition =
    managementPort === undefined
      ? null
      : await readQueueDefinition(rabbitmqApi(url, managementPort), { vhost, queue }, context);
  return {
    identity: {
      broker: shownAddress(new URL('/', url).href),
      cluster: cluster_name ?? null,
      version: version ?? null,
      vhost,
      queue,
      ...(definition === null ? {} : { declared_with: canonicalJson({ ...definition }) }),
    },
    scope: {
      kind: 'keyspace',
      name: `queue ${queue} (vhost ${vhost})`,
      keys: messageCount,
      mayGrowTo: messageCount + Math.max(100, Math.ceil(messageCount / 10)),
      of: 'messages',
    },
    messages: messageCount,
    consumers: consumerCount,
    definition,
  };
}

/** The broker answered with a refusal: it is reachable, and nothing was done. */
export function isBrokersRefusal(error: unknown): error is Error {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 4; cause = cause.cause, depth += 1) {
    if ('code' in cause && REFUSALS.has(cause.code)) return true;
  }
  return false;
}
