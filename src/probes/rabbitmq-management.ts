/** What RabbitMQ's management API knows: connections, channels, rates and alarms. */
import { z } from 'zod';
import type { HttpAsk } from '../clients/http.ts';
import { askJson, under } from '../clients/http-json.ts';
import { rabbitmqApi } from '../clients/rabbitmq-api.ts';
import type { Facts, ProbeFinding } from '../domain/probe.ts';
import { addressOf, degraded, probeKind, up } from './probe-kind.ts';

const MAX_ANSWER_BYTES = 4_194_304;

const settings = z.strictObject({
  /** Where the API is, when the target's address is the broker's own. */
  port: z.int().min(1).max(65_535).default(15_672),
  /** Its depth and rates instead of those of all. */
  queue: z.string().min(1).max(255).optional(),
  vhost: z.string().default('/'),
});

const rate = z.object({ rate: z.number() }).optional();
const rates = z.object({ publish_details: rate, deliver_get_details: rate }).optional();
const overview = z.object({
  rabbitmq_version: z.string(),
  object_totals: z.object({
    connections: z.number(),
    channels: z.number(),
    queues: z.number(),
    consumers: z.number(),
  }),
  queue_totals: z.object({ messages: z.number().default(0), messages_unacknowledged: z.number().default(0) }),
  message_stats: rates,
});
const oneQueue = z.object({
  messages: z.number().default(0),
  messages_unacknowledged: z.number().default(0),
  consumers: z.number().default(0),
  message_stats: rates,
});
const nodes = z.array(
  z.object({
    name: z.string(),
    running: z.boolean(),
    mem_alarm: z.boolean().default(false),
    disk_free_alarm: z.boolean().default(false),
    disk_free: z.number().optional(),
  }),
);
type Nodes = z.output<typeof nodes>;

export const rabbitmqManagement = probeKind<z.output<typeof settings>>({
  name: 'rabbitmq.management',
  settings,
  needs: { schemes: ['http', 'https', 'amqp', 'amqps'] },
  facts: {
    depth: { type: 'number' },
    unacknowledged: { type: 'number' },
    consumers: { type: 'number' },
    connections: { type: 'number' },
    channels: { type: 'number' },
    queues: { type: 'number' },
    publish_rate: { type: 'number', unit: '/s' },
    deliver_rate: { type: 'number', unit: '/s' },
    disk_free_bytes: { type: 'number', unit: 'bytes' },
    version: { type: 'text' },
  },
  async probe(target, { port, queue, vhost }, { signal, timeoutMs }) {
    const base = rabbitmqApi(addressOf(target), port);
    const ask: HttpAsk = { signal, timeoutMs, maxBytes: MAX_ANSWER_BYTES };
    const all = await askJson(under(base, '/api/overview'), overview, ask);
    const found = await askJson(under(base, '/api/nodes'), nodes, ask);
    const path = `/api/queues/${encodeURIComponent(vhost)}/${encodeURIComponent(queue ?? '')}`;
    const one = queue === undefined ? null : await askJson(under(base, path), oneQueue, ask);
    const totals = one ?? {
      ...all.queue_totals,
      consumers: all.object_totals.consumers,
      message_stats: all.message_stats,
    };
    return finding(found, {
      depth: totals.messages,
      unacknowledged: totals.messages_unacknowledged,
      consumers: totals.consumers,
      connections: all.object_totals.connections,
      channels: all.object_totals.channels,
      queues: all.object_totals.queues,
      publish_rate: totals.message_stats?.publish_details?.rate ?? 0,
      deliver_rate: totals.message_stats?.deliver_get_details?.rate ?? 0,
      disk_free_bytes: found[0]?.disk_free ?? null,
      version: all.rabbitmq_version,
    });
  },
});

function finding(found: Nodes, facts: Facts): ProbeFinding {
  for (const { name, running, mem_alarm, disk_free_alarm } of found) {
    if (!running) return degraded(`node ${name} does not run`, facts);
    if (mem_alarm) return degraded(`memory alarm on ${name}: publishers are blocked`, facts);
    if (disk_free_alarm) return degraded(`disk alarm on ${name}: publishers are blocked`, facts);
  }
  return up(facts);
}
