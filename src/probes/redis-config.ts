/** One parameter of a Redis’s configuration, as it is now. */
import { z } from 'zod';
import { TargetError } from '../clients/target-error.ts';
import { probeKind, up } from './probe-kind.ts';
import { askRedis, REDIS_SCHEMES } from './redis-answer.ts';

/** Parameters that hold passwords: their values are nobody's business. */
const SECRET = /pass|auth|secret|acl/iu;

const settings = z.strictObject({
  /** One parameter, by its whole name: `maxmemory-policy`. */
  key: z
    .string()
    .regex(/^[a-z0-9-]{1,80}$/u, 'expected a parameter’s name, such as maxmemory-policy')
    .refine((key) => !SECRET.test(key), 'a parameter that may hold a password is not shown'),
});

export const redisConfig = probeKind<z.output<typeof settings>>({
  name: 'redis.config',
  settings,
  needs: { schemes: REDIS_SCHEMES },
  facts: { value: { type: 'any' } },
  async probe(target, { key }, context) {
    const answer: unknown = await askRedis(target, context, (redis) => redis.config('GET', key));
    const value: unknown = Array.isArray(answer) ? answer[1] : undefined;
    if (typeof value !== 'string') throw new TargetError('unknown', `this Redis has no parameter ${key}`);
    return up({ value });
  },
});
