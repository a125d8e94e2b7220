import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import { testDatabase } from '../servers/postgres.ts';
import { freePort } from '../servers/program.ts';
import { startRedis } from '../servers/redis.ts';
import { startBotProcess, startWorld } from './bot.ts';
import { replyWith, roots, rootWith } from './slack-thread.ts';
import { postRaw, sendAlerts, webhookBody } from './webhook.ts';

it('two gateways and two workers, on one Redis and one PostgreSQL, act as one', {
  timeout: 90_000,
}, async () => {
  const [queue, target, database] = await Promise.all([
    startRedis(),
    startRedis({ args: ['--maxmemory', '20mb'] }),
    testDatabase(),
  ]);
  const world = await startWorld({
    DATABASE_URL: database.url,
    REDIS_URL: queue.url,
    MOALOG_REDIS_URL: target.url,
    PAGETURNER_ROLE: 'gateway',
  });
  const more = await Promise.all(
    (['gateway', 'worker', 'worker'] as const).map(async (role) =>
      startBotProcess({ ...world.env, PAGETURNER_ROLE: role, PORT: String(await freePort()) }),
    ),
  );
  const redis = new Redis(target.url);
  try {
    await redis.mset(Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`k:${i}`, 'v'])));
    const labels = { alertname: 'HighMemoryUsage', system: 'moalog', service: 'redis', severity: 'warning' };
    const body = JSON.stringify(webhookBody([{ labels }], 'both'));
    const answers = await Promise.all(
      [world.bot.url, more[0]?.url ?? '', world.bot.url, more[0]?.url ?? ''].map((url) => postRaw(url, body)),
    );
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
    const root = await rootWith(world.workspace, 'HighMemoryUsage', 'INC-');
    const diagnosis = await replyWith(world.workspace, root.ts, 'total 200', 'Recovery');
    await world.workspace.as(PEOPLE.developer.id).click(diagnosis.ts, 'Flush the cache database');
    const step = await replyWith(world.workspace, root.ts, 'waits for a decision');
    // One worker of two is killed: the other goes on.
    await more[1]?.kill('SIGKILL');
    await Promise.all(
      Array.from({ length: 6 }, () => world.workspace.as(PEOPLE.lead.id).click(step.ts, 'Approve')),
    );
    await replyWith(world.workspace, root.ts, '*done*');
    expect(await redis.dbsize()).toBe(0);
    expect(/cmdstat_flushdb:calls=(\d+)/u.exec(await redis.info('commandstats'))?.[1]).toBe('1');
    await rootWith(world.workspace, 'HighMemoryUsage', 'mitigated');
    await sendAlerts(world, [{ labels, status: 'resolved' }], 'both');
    await rootWith(world.workspace, 'HighMemoryUsage', 'resolved');
    expect(roots(world.workspace).filter((message) => message.text.includes('HighMemoryUsage'))).toHaveLength(
      1,
    );
  } finally {
    redis.disconnect();
    await Promise.all(more.map((bot) => bot.kill('SIGTERM')));
    await world.stop();
    await Promise.all([queue.stop(), target.stop()]);
  }
});
