/** What moalog keeps in its Redis: rate limits, FluxPay's idempotency keys, sessions, a ranking, a queue. */
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';

const RATE_LIMITS = 400;
const PAYMENTS = 120;
const SESSIONS = 60;
const ROUTES = ['login', 'retro-rooms', 'retrospects', 'ai-analysis', 'payments'];

/** Writes about 600 small keys into an empty database, and nothing into one that holds anything. */
export async function seedMoalog(redis: Redis): Promise<void> {
  if ((await redis.dbsize()) > 0) return;
  const pipeline = redis.pipeline();
  for (let n = 0; n < RATE_LIMITS; n++) {
    const route = ROUTES[n % ROUTES.length] ?? 'login';
    pipeline.set(`rate:${route}:user:${1000 + n}`, randomInt(1, 60), 'EX', randomInt(3_600, 86_400));
  }
  for (let n = 0; n < PAYMENTS; n++) {
    const payment = JSON.stringify({
      payment: `pay_${100_000 + n}`,
      status: 'CAPTURED',
      minor: randomInt(900, 90_000),
    });
    pipeline.set(`fluxpay:idem:${randomUUID()}`, payment, 'EX', randomInt(43_200, 86_400));
  }
  for (let n = 0; n < SESSIONS; n++) {
    const key = `session:${randomBytes(12).toString('hex')}`;
    pipeline.hset(key, { user: 1000 + n, room: randomInt(1, 40), theme: n % 2 === 0 ? 'light' : 'dark' });
    pipeline.expire(key, randomInt(7_200, 86_400));
  }
  for (let n = 1; n <= 40; n++) {
    pipeline.zadd('retro-rooms:active', randomInt(1, 500), `room-${n}`);
    pipeline.rpush(
      'fluxpay:webhook:retry',
      JSON.stringify({ payment: `pay_${100_000 + n}`, attempt: randomInt(1, 4) }),
    );
  }
  await pipeline.exec();
}
