/** A real Redis with a password, and ways to fill it and to see what has been done to it. */
import { Redis } from 'ioredis';
import type { Target } from '../../src/domain/target.ts';
import { startRedis } from '../servers/redis.ts';
import { target } from './fixtures.ts';

export const PASSWORD = 'not-to-be-shown';
/** Commands that change data or settings; what may be counted while planning is none of these. */
const WRITES =
  /^cmdstat_(set|.*restore|del|unlink|flush|expire|persist|rename|move|copy|config\|set|acl\|set|.push|.add|.set$|eval|swapdb|client\|(kill|pause))/u;

export interface RedisBench {
  readonly url: string;
  readonly redis: Redis;
  readonly target: Target;
  readonly port: number;
  /** How often each command ran, by name. */
  commands(): Promise<ReadonlyMap<string, number>>;
  /** Commands that changed something, since `CONFIG RESETSTAT`. */
  writes(): Promise<number>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startRedisBench(args: readonly string[] = []): Promise<RedisBench> {
  const server = await startRedis({ password: PASSWORD, args: [...args] });
  const url = `redis://:${PASSWORD}@127.0.0.1:${server.port}`;
  const redis = new Redis(url, { retryStrategy: () => 50 });
  const commands = async () => {
    const lines = (await redis.info('commandstats')).split('\r\n');
    return new Map(
      lines.flatMap((line): [string, number][] => {
        const [, name, calls] = /^cmdstat_([^:]+):calls=(\d+)/u.exec(line) ?? [];
        return name === undefined ? [] : [[name, Number(calls)]];
      }),
    );
  };
  return {
    url,
    redis,
    port: server.port,
    target: target({ url }),
    commands,
    writes: async () => {
      const found = [...(await commands())].filter(([name]) => WRITES.test(`cmdstat_${name}`));
      return found.reduce((sum, [, calls]) => sum + calls, 0);
    },
    restart: async () => {
      await server.restart();
    },
    stop: async () => {
      redis.disconnect();
      await server.stop();
    },
  };
}

/** One key of every kind, some of them with a TTL, one with a name and a value that are no text. */
export async function fillEveryKind(redis: Redis): Promise<void> {
  await redis.set('session:1', 'a', 'PX', 3_600_000);
  await redis.set(Buffer.from([0xff, 0x00, 0x0a, 0xfe]), Buffer.from([0x00, 0xff, 0x80]));
  await redis.rpush('jobs:waiting', '1', '2', '3');
  await redis.hset('user:7', { name: 'x', visits: '12' });
  await redis.sadd('tags', 'a', 'b');
  await redis.zadd('ranks', 1, 'a', 2.5, 'b');
  await redis.xadd('events', '1-1', 'k', 'v');
  await redis.xgroup('CREATE', 'events', 'readers', '0');
  await redis.set('empty', '');
  await redis.expire('ranks', 7200);
}

/** Every key with its kind and value: equal before and after a round trip. */
export async function keySpace(redis: Redis): Promise<Readonly<Record<string, readonly [string, string]>>> {
  const keys = await redis.keysBuffer('*');
  const entries = await Promise.all(
    keys.map(async (key): Promise<[string, readonly [string, string]]> => {
      const kind = await redis.type(key);
      // A set has no order, and its DUMP is in that of its hash table.
      if (kind === 'set') return [key.toString('latin1'), [kind, (await redis.smembers(key)).sort().join()]];
      const dump = await redis.dumpBuffer(key);
      return [key.toString('latin1'), [kind, dump?.toString('hex') ?? '']];
    }),
  );
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** When each key expires, in Unix milliseconds; -1: never. */
export async function expiries(redis: Redis): Promise<ReadonlyMap<string, number>> {
  const keys = await redis.keysBuffer('*');
  return new Map(
    await Promise.all(
      keys.map(
        async (key): Promise<[string, number]> => [
          key.toString('latin1'),
          Number(await redis.call('PEXPIRETIME', key)),
        ],
      ),
    ),
  );
}
