/** What a Redis says of itself: memory against its limit, evictions, clients, role. */
import { z } from 'zod';
import { redisInfo } from '../clients/redis.ts';
import type { Facts } from '../domain/probe.ts';
import { probeKind, up } from './probe-kind.ts';
import { askRedis, REDIS_SCHEMES } from './redis-answer.ts';

const SECTIONS = [
  'server',
  'clients',
  'memory',
  'persistence',
  'stats',
  'replication',
  'cpu',
  'keyspace',
] as const;
const MAX_OUTPUT = 8000;

const settings = z.strictObject({
  /** The part that is shown; the facts come from all of them. */
  section: z.enum(SECTIONS).optional(),
});

export const redisInfoKind = probeKind<z.output<typeof settings>>({
  name: 'redis.info',
  settings,
  needs: { schemes: REDIS_SCHEMES },
  facts: {
    used_memory_bytes: { type: 'number', unit: 'bytes' },
    maxmemory_bytes: { type: 'number', unit: 'bytes' },
    limit_bytes: { type: 'number', unit: 'bytes' },
    used_percent: { type: 'number', unit: '%' },
    maxmemory_policy: { type: 'text' },
    evicted_keys: { type: 'number' },
    connected_clients: { type: 'number' },
    role: { type: 'text', values: ['master', 'slave'] },
    run_id: { type: 'text' },
    uptime_seconds: { type: 'number', unit: 's' },
    redis_version: { type: 'text' },
  },
  async probe(target, { section }, context) {
    return askRedis(target, context, async (redis) => {
      const info = await redisInfo(redis);
      const shown = section === undefined ? null : await redisInfo(redis, section);
      return up(learnt(info), shown === null ? undefined : table(shown));
    });
  },
});

function learnt(info: Readonly<Record<string, string>>): Facts {
  const used = number(info.used_memory);
  const max = number(info.maxmemory);
  // Without maxmemory Redis goes on until the machine's memory is used up.
  const limit = max === 0 ? number(info.total_system_memory) : max;
  return {
    used_memory_bytes: used,
    maxmemory_bytes: max,
    limit_bytes: limit,
    used_percent:
      used === null || limit === null || limit === 0 ? null : Math.round((used / limit) * 1000) / 10,
    maxmemory_policy: info.maxmemory_policy ?? null,
    evicted_keys: number(info.evicted_keys),
    connected_clients: number(info.connected_clients),
    role: info.role ?? null,
    run_id: info.run_id ?? null,
    uptime_seconds: number(info.uptime_in_seconds),
    redis_version: info.redis_version ?? null,
  };
}

function number(text: string | undefined): number | null {
  return text === undefined || text === '' || !Number.isFinite(Number(text)) ? null : Number(text);
}

function table(info: Readonly<Record<string, string>>): string {
  const lines = Object.entries(info).map(([name, value]) => `${name}: ${value}`);
  return lines.join('\n').slice(0, MAX_OUTPUT);
}
