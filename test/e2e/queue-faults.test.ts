import { createServer, type Server } from 'node:net';
import { Redis } from 'ioredis';
import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testDatabase } from '../servers/postgres.ts';
import { waitFor } from '../servers/program.ts';
import { startProxy, type Way } from '../servers/proxy.ts';
import { type RedisServer, startRedis } from '../servers/redis.ts';
import { startWorld, type World } from './bot.ts';
import { replyWith, roots, rootWith } from './slack-thread.ts';
import { sendAlerts } from './webhook.ts';

const alert = (name: string) => ({
  labels: {
    alertname: 'HighMemoryUsage',
    system: 'moalog',
    service: 'redis',
    severity: 'warning',
    case: name,
  },
  annotations: { summary: name },
});

/** Answers everything as a Redis that reads its data from disk does. */
async function startLoading(port: number): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (part) => {
      const commands = part.toString('latin1').match(/(?:^|\r\n)\*\d+\r\n/gu)?.length ?? 1;
      socket.write('-LOADING Redis is loading the dataset in memory\r\n'.repeat(commands));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

describe('a queue whose Redis answers, but takes nothing', () => {
  let queue: RedisServer;
  let target: RedisServer;
  let way: Way;
  let world: World;
  let redis: Redis;
  beforeEach(async () => {
    [queue, target] = await Promise.all([startRedis(), startRedis()]);
    way = await startProxy(queue.port);
    world = await startWorld({
      DATABASE_URL: (await testDatabase()).url,
      REDIS_URL: `redis://127.0.0.1:${way.port}`,
      MOALOG_REDIS_URL: target.url,
    });
    redis = new Redis(queue.url);
  });
  afterEach(async () => {
    redis.disconnect();
    await world.stop();
    way.cut();
    await Promise.all([queue.stop(), target.stop()]);
  });

  async function takenAndDone(name: string, mend: () => Promise<unknown>): Promise<void> {
    await sendAlerts(world, [alert(name)], name);
    const root = await rootWith(world.workspace, name);
    await mend();
    await replyWith(world.workspace, root.ts, 'Diagnosis', 'total 0');
    expect(roots(world.workspace).filter((message) => message.text.includes(name))).toHaveLength(1);
  }

  it('full (OOM): alerts are taken, and their diagnosis runs once there is room', {
    timeout: 120_000,
  }, async () => {
    await redis.config('SET', 'maxmemory', '1');
    await takenAndDone('oom', () => redis.config('SET', 'maxmemory', '0'));
  });

  it('read-only: likewise', { timeout: 120_000 }, async () => {
    await redis.replicaof('127.0.0.1', 1);
    await takenAndDone('readonly', () => redis.replicaof('NO', 'ONE'));
  });

  it('loading its data: likewise, and /readyz says that the queue is away meanwhile', {
    timeout: 120_000,
  }, async () => {
    way.cut();
    const loading = await startLoading(way.port);
    await waitFor('readiness to tell', 15_000, async () => {
      const answer = await request(`${world.bot.url}/readyz`);
      return (await answer.body.text()).includes('"queue":"away');
    });
    await takenAndDone('loading', async () => {
      await new Promise<void>((resolve) => {
        loading.close(() => resolve());
        loading.getConnections(() => undefined);
        way.cut();
        setImmediate(resolve);
      });
      await waitFor('the address to be free', 10_000, () => way.join().then(() => true));
    });
  });
});
