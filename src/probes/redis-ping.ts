/** Does a Redis answer PONG, signed in. */
import { z } from 'zod';
import { wrongAnswer } from '../clients/target-error.ts';
import { probeKind, up } from './probe-kind.ts';
import { askRedis, REDIS_SCHEMES } from './redis-answer.ts';

const settings = z.strictObject({});

export const redisPing = probeKind<z.output<typeof settings>>({
  name: 'redis.ping',
  settings,
  needs: { schemes: REDIS_SCHEMES },
  facts: { answer: { type: 'text', values: ['PONG'] } },
  async probe(target, _settings, context) {
    const answer: unknown = await askRedis(target, context, (redis) => redis.ping());
    if (answer !== 'PONG') throw wrongAnswer(String(answer));
    return up({ answer });
  },
});
