/** One connection to a Redis for one probe, and what its refusals mean. */
import type { Redis } from 'ioredis';
import { handshakeError } from '../clients/network-error.ts';
import { closeRedis, openRedis } from '../clients/redis.ts';
import { refusedCredentials, TargetError } from '../clients/target-error.ts';
import type { ProbeContext } from '../domain/probe.ts';
import type { Target } from '../domain/target.ts';
import { addressOf } from './probe-kind.ts';

export const REDIS_SCHEMES = ['redis', 'rediss'] as const;
const MAX_ANSWER_BYTES = 4_194_304;

export async function askRedis<T>(
  target: Target,
  context: ProbeContext,
  ask: (redis: Redis) => Promise<T>,
): Promise<T> {
  const { signal, timeoutMs } = context;
  let redis: Redis | null = null;
  try {
    redis = await openRedis(addressOf(target), { signal, timeoutMs, maxBytes: MAX_ANSWER_BYTES });
    return await ask(redis);
  } catch (error) {
    throw refusal(error) ?? handshakeError(error, 'Redis');
  } finally {
    if (redis !== null) closeRedis(redis);
  }
}

/** Error codes: redis.io, "Redis serialization protocol", simple errors; null when it is not Redis's own. */
function refusal(error: unknown): TargetError | null {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return null;
  const said = error.message;
  const code = said.split(' ')[0] ?? '';
  if (/^(NOAUTH|WRONGPASS|NOPERM)$/u.test(code)) return refusedCredentials(code, error);
  // Redis before 6 has no code of its own for a wrong password.
  if (/invalid password/u.test(said)) return refusedCredentials('AUTH', error);
  const text =
    code === 'LOADING' ? 'answers, but is loading its data' : `answers, but refuses: ${said.slice(0, 60)}`;
  return new TargetError('degraded', text, { cause: error });
}
