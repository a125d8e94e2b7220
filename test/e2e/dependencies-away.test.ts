import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import { testDatabase } from '../servers/postgres.ts';
import { waitFor } from '../servers/program.ts';
import { startProxy } from '../servers/proxy.ts';
import { startRedis } from '../servers/redis.ts';
import { startWorld } from './bot.ts';
import { replyWith, roots, rootWith, toldAlone } from './slack-thread.ts';
import { postRaw, sendAlerts, webhookBody } from './webhook.ts';

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

describe('while something is away', () => {
  it('a queue whose Redis is gone, or emptied, loses nothing: alerts are taken and the work goes on when it is back', {
    timeout: 90_000,
  }, async () => {
    const [queue, target, database] = await Promise.all([startRedis(), startRedis(), testDatabase()]);
    const world = await startWorld({
      DATABASE_URL: database.url,
      REDIS_URL: queue.url,
      MOALOG_REDIS_URL: target.url,
    });
    try {
      process.kill(queue.pid, 'SIGKILL');
      await sendAlerts(world, [alert('away')], 'away');
      const root = await rootWith(world.workspace, 'away');
      await queue.restart();
      try {
        await replyWith(world.workspace, root.ts, 'Diagnosis', 'Keys', 'total 0');
        const redis = new Redis(queue.url);
        await Promise.all(
          Array.from({ length: 6 }, async (_, i) => {
            await redis.flushall();
            await sendAlerts(world, [alert(`emptied-${i}`)], `emptied-${i}`);
            await redis.flushall();
          }),
        );
        redis.disconnect();
        for (let i = 0; i < 6; i += 1) {
          const one = await rootWith(world.workspace, `emptied-${i}`);
          await replyWith(world.workspace, one.ts, 'total 0');
        }
      } finally {
        await world.stop();
        await queue.stop();
      }
    } finally {
      await target.stop();
    }
  });

  it('without its journal it says 503 and tells people, and delivers everything once it is back', {
    timeout: 90_000,
  }, async () => {
    const { url } = await testDatabase();
    const way = await startProxy(Number(new URL(url).port));
    const throughWay = new URL(url);
    throughWay.port = String(way.port);
    const world = await startWorld({ DATABASE_URL: throughWay.href });
    try {
      await sendAlerts(world, [alert('before')], 'before');
      await rootWith(world.workspace, 'before');
      way.cut();
      const refused = await postRaw(world.bot.url, JSON.stringify(webhookBody([alert('during')], 'during')));
      expect(refused.status).toBe(503);
      await world.workspace.as(PEOPLE.developer.id).command('/ops status');
      await toldAlone(world.workspace, PEOPLE.developer.id, 'journal does not answer');
      await way.join();
      await waitFor(
        'Alertmanager’s next try',
        20_000,
        async () =>
          (await postRaw(world.bot.url, JSON.stringify(webhookBody([alert('during')], 'during')))).status ===
          200,
      );
      await rootWith(world.workspace, 'during');
      expect(roots(world.workspace).filter((message) => message.text.includes('during'))).toHaveLength(1);
    } finally {
      await world.stop();
      way.cut();
    }
  });

  it('ends within ten seconds of SIGTERM while probes are waiting, and goes on with them after a restart', {
    timeout: 60_000,
  }, async () => {
    const [target, database] = await Promise.all([startRedis(), testDatabase()]);
    const world = await startWorld({ DATABASE_URL: database.url, MOALOG_REDIS_URL: target.url });
    try {
      await sendAlerts(world, [alert('stop')], 'stop');
      const root = await rootWith(world.workspace, 'stop');
      const diagnosis = await replyWith(world.workspace, root.ts, 'Recovery');
      await world.workspace.as(PEOPLE.developer.id).click(diagnosis.ts, 'Flush the cache database');
      const step = await replyWith(world.workspace, root.ts, 'waits for a decision');
      await world.workspace.as(PEOPLE.lead.id).click(step.ts, 'Approve');
      await replyWith(world.workspace, root.ts, 'Check after'); // FluxPay's check waits 30 s: it isn't there.
      const begun = performance.now();
      await world.restart('SIGTERM');
      expect(performance.now() - begun).toBeLessThan(12_000);
      await rootWith(world.workspace, 'stop', 'mitigated');
    } finally {
      await world.stop();
      await target.stop();
    }
  });
});

describe('over Socket Mode', () => {
  it('the same program needs no public address: commands and clicks come over the connection that it opens', {
    timeout: 60_000,
  }, async () => {
    const { url } = await testDatabase();
    const world = await startWorld(
      { DATABASE_URL: url, SLACK_SIGNING_SECRET: '', SLACK_APP_TOKEN: 'xapp-for-tests' },
      'xapp-for-tests',
    );
    try {
      await waitFor('the connection', 10_000, () => world.workspace.socketMode.connections() > 0);
      await world.workspace.as(PEOPLE.developer.id).command('/ops health moalog');
      await rootWith(world.workspace, '12 of 12 answered');
      await sendAlerts(world, [alert('socket')], 'socket');
      const root = await rootWith(world.workspace, 'socket');
      await world.workspace.as(PEOPLE.onCall.id).click(root.ts, 'Acknowledge');
      await rootWith(world.workspace, 'socket', 'acknowledged');
    } finally {
      await world.stop();
    }
  });
});
