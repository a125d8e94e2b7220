/** How many keys each database holds, and how many of them expire. */
import { z } from 'zod';
import { redisInfo } from '../clients/redis.ts';
import type { Facts } from '../domain/probe.ts';
import { probeKind, up } from './probe-kind.ts';
import { askRedis, REDIS_SCHEMES } from './redis-answer.ts';

const settings = z.strictObject({});
const NAMED_DATABASES = 16;

export const redisKeyspace = probeKind<z.output<typeof settings>>({
  name: 'redis.keyspace',
  settings,
  needs: { schemes: REDIS_SCHEMES },
  facts: {
    total: { type: 'number' },
    expiring: { type: 'number' },
    ...Object.fromEntries(
      Array.from({ length: NAMED_DATABASES }, (_, db) => [`db${db}`, { type: 'number' } as const]),
    ),
  },
  async probe(target, _settings, context) {
    const info = await askRedis(target, context, (redis) => redisInfo(redis, 'keyspace'));
    const databases = Object.entries(info).flatMap(([name, value]) => {
      const counts = /^keys=(\d+),expires=(\d+)/u.exec(value);
      return counts === null ? [] : [{ name, keys: Number(counts[1]), expires: Number(counts[2]) }];
    });
    const total = databases.reduce((sum, { keys }) => sum + keys, 0);
    const expiring = databases.reduce((sum, { expires }) => sum + expires, 0);
    const facts: Facts = {
      total,
      expiring,
      ...Object.fromEntries(databases.map(({ name, keys }) => [name, keys])),
    };
    return up(facts);
  },
});
