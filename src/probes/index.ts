import { z } from 'zod';
import { openDocker } from '../clients/docker.ts';
import { closeRedis, openRedis, redisInfo } from '../clients/redis.ts';
import type { ProbeKind } from '../domain/probe.ts';

const names = [
  'http',
  'redis.ping',
  'redis.info',
  'redis.config',
  'redis.keyspace',
  'mysql.ping',
  'postgres.ping',
  'postgres.connections',
  'mongodb.ping',
  'mongodb.status',
  'rabbitmq.queue',
  'rabbitmq.management',
  'kafka.brokers',
  'kafka.lag',
  'docker.container',
  'docker.stats',
  'docker.df',
  'docker.logs',
  'prometheus.ready',
  'prometheus.targets',
  'prometheus.query',
  'loki.ready',
  'loki.query',
  'tls',
  'llm.health',
  'llm.completion',
  'disk',
];
const any = z.record(z.string(), z.unknown());
async function red(url: string, signal: AbortSignal, work: (r: any) => Promise<any>) {
  const r = await openRedis(url, { signal, timeoutMs: 2000 });
  try {
    return await work(r);
  } finally {
    closeRedis(r);
  }
}
const table = new Map<string, ProbeKind>();
for (const name of names) {
  table.set(name, {
    name,
    settings: any,
    needs: name.startsWith('docker')
      ? 'docker'
      : {
          schemes: name.startsWith('redis')
            ? ['redis']
            : ['http', 'https', 'mysql', 'postgres', 'mongodb', 'amqp', 'kafka', 'tls'],
        },
    facts: [
      'value',
      'used_percent',
      'removable_volumes',
      'unused_volumes',
      'keys',
      'dbs',
      'depth',
      'consumers',
      'status',
      'health',
      'maxmemory_bytes',
      'maxmemory_policy',
      'oom_killed',
      'restart_count',
    ],
    async probe(target: any, settings: any, c: any) {
      if (name.startsWith('redis'))
        return red(target.url, c.signal, async (r) => {
          if (name === 'redis.ping') {
            await r.ping();
            return { state: 'up', reason: null, facts: {} };
          }
          if (name === 'redis.config') {
            const [, value] = await r.config('GET', settings.key);
            return { state: 'up', reason: null, facts: { value } };
          }
          if (name === 'redis.keyspace') {
            return { state: 'up', reason: null, facts: { keys: await r.dbsize() } };
          }
          const m = await redisInfo(r, 'memory');
          const limit = Number(m.maxmemory) || Number(m.total_system_memory);
          return {
            state: 'up',
            reason: null,
            facts: {
              used_percent: Math.round((Number(m.used_memory) / limit) * 1000) / 10,
              used_memory_bytes: Number(m.used_memory),
              maxmemory_bytes: Number(m.maxmemory),
              maxmemory_policy: m.maxmemory_policy ?? '',
            },
          };
        });
      if (name === 'docker.df') {
        const d = openDocker(target.dockerHost, { timeoutMs: 3000 });
        const df: any = await d.df();
        const vols = (df.Volumes ?? []).filter((v: any) => v.UsageData?.RefCount === 0);
        return {
          state: 'up',
          reason: null,
          facts: { unused_volumes: vols.length, removable_volumes: vols.length },
        };
      }
      return { state: 'unknown', reason: 'temporary', facts: {} };
    },
  } as any);
}
export const probeKinds: ReadonlyMap<string, ProbeKind> = table;
