/** Kinds as the catalog sees them: names, settings and facts; what they do plays no part here. */
import { z } from 'zod';
import type { ActionKindFacts, Kinds, ProbeKindFacts } from '../../src/domain/kinds.ts';

const none = z.strictObject({});
const HTTP = { schemes: ['http', 'https'] };
const POSTGRES = { schemes: ['postgres', 'postgresql'] };

const probes: readonly ProbeKindFacts[] = [
  {
    name: 'http',
    settings: z.strictObject({
      path: z.string().startsWith('/'),
      status: z.array(z.int().min(100).max(599)).optional(),
      body: z.string().optional(),
      json: z.record(z.string(), z.unknown()).optional(),
      maxLatencyMs: z.int().positive().optional(),
    }),
    needs: HTTP,
    facts: { status: { type: 'number' }, bytes: { type: 'number' } },
  },
  { name: 'redis.ping', settings: none, needs: { schemes: ['redis', 'rediss'] }, facts: {} },
  {
    name: 'redis.info',
    settings: z.strictObject({ section: z.enum(['memory', 'clients', 'server']).optional() }),
    needs: { schemes: ['redis', 'rediss'] },
    facts: {
      used_percent: { type: 'number' },
      used_memory_bytes: { type: 'number' },
      maxmemory_policy: { type: 'text' },
    },
  },
  {
    name: 'redis.config',
    settings: z.strictObject({ key: z.string() }),
    needs: { schemes: ['redis', 'rediss'] },
    facts: { value: { type: 'any' } },
  },
  {
    name: 'redis.keyspace',
    settings: none,
    needs: { schemes: ['redis', 'rediss'] },
    facts: { keys: { type: 'number' }, dbs: { type: 'number' } },
  },
  { name: 'mysql.ping', settings: none, needs: { schemes: ['mysql'] }, facts: {} },
  { name: 'postgres.ping', settings: none, needs: POSTGRES, facts: {} },
  { name: 'mongodb.ping', settings: none, needs: { schemes: ['mongodb', 'mongodb+srv'] }, facts: {} },
  {
    name: 'rabbitmq.queue',
    settings: z.strictObject({ queue: z.string() }),
    needs: { schemes: ['amqp', 'amqps'] },
    facts: { depth: { type: 'number' }, consumers: { type: 'number' } },
  },
  {
    name: 'kafka.brokers',
    settings: none,
    needs: { schemes: ['kafka'] },
    facts: { brokers: { type: 'number' } },
  },
  {
    name: 'docker.container',
    settings: none,
    needs: 'container',
    facts: { status: { type: 'text' }, restart_count: { type: 'number' } },
  },
  {
    name: 'docker.logs',
    settings: z.strictObject({ lines: z.int().min(1).max(1000), contains: z.string().optional() }),
    needs: 'container',
    facts: { lines: { type: 'number' } },
  },
  {
    name: 'docker.df',
    settings: none,
    needs: 'docker',
    facts: { removable_volumes: { type: 'number' }, volumes_bytes: { type: 'number' } },
  },
  { name: 'prometheus.ready', settings: none, needs: HTTP, facts: {} },
  { name: 'loki.ready', settings: none, needs: HTTP, facts: {} },
  { name: 'llm.health', settings: none, needs: HTTP, facts: {} },
  { name: 'tls', settings: none, needs: { schemes: ['tls'] }, facts: { days_left: { type: 'number' } } },
];

const actions: readonly ActionKindFacts[] = [
  {
    name: 'redis.flushdb',
    settings: z.strictObject({ db: z.int().min(0).max(15) }),
    danger: 'destructive',
  },
  { name: 'volumes.remove', settings: none, danger: 'destructive' },
];

export const kinds: Kinds = {
  probeKinds: new Map(probes.map((kind) => [kind.name, kind])),
  actionKinds: new Map(actions.map((kind) => [kind.name, kind])),
};
