import { request } from 'undici';
import { describe, expect, it } from 'vitest';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import { testDatabase } from '../servers/postgres.ts';
import { waitFor } from '../servers/program.ts';
import { startRedis } from '../servers/redis.ts';
import { startSentinelRedis } from '../servers/sentinel.ts';
import { startWorld } from './bot.ts';
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

describe('a queue behind Sentinels', () => {
  it('fails over while alerts come: they are taken, the work goes on by itself, and nothing is lost or done twice', {
    timeout: 180_000,
  }, async () => {
    const [queue, target, database] = await Promise.all([startSentinelRedis(), startRedis(), testDatabase()]);
    const world = await startWorld({
      DATABASE_URL: database.url,
      REDIS_URL: queue.url,
      MOALOG_REDIS_URL: target.url,
    });
    try {
      await sendAlerts(world, [alert('before')], 'before');
      const before = await rootWith(world.workspace, 'before');
      await replyWith(world.workspace, before.ts, 'Diagnosis', 'total 0');
      const oldMaster = queue.master.port;
      process.kill(queue.master.pid, 'SIGKILL');
      const names = ['during-0', 'during-1', 'during-2', 'during-3'];
      for (const name of names) await sendAlerts(world, [alert(name)], name);
      await waitFor(
        'the replica to be the master',
        30_000,
        async () => (await queue.masterPort()) !== oldMaster,
      );
      for (const name of names) {
        const root = await rootWith(world.workspace, name);
        await replyWith(world.workspace, root.ts, 'Diagnosis', 'total 0');
        expect(roots(world.workspace).filter((message) => message.text.includes(name))).toHaveLength(1);
      }
      await waitFor('readiness to say so', 15_000, async () => {
        const answer = await request(`${world.bot.url}/readyz`);
        return (await answer.body.text()).includes('"queue":"ok"');
      });
      expect(world.bot.output()).not.toContain('queue-password');
    } finally {
      await world.stop();
      await queue.stop();
      await target.stop();
    }
  });

  it('the bot refuses to flush the master, however it is addressed', { timeout: 120_000 }, async () => {
    const [queue, database] = await Promise.all([startSentinelRedis(), testDatabase()]);
    const world = await startWorld({
      DATABASE_URL: database.url,
      REDIS_URL: queue.url,
      MOALOG_REDIS_URL: queue.master.url,
    });
    try {
      await sendAlerts(world, [alert('own')], 'own');
      const root = await rootWith(world.workspace, 'own');
      const diagnosis = await replyWith(world.workspace, root.ts, 'Recovery');
      await world.workspace.as(PEOPLE.developer.id).click(diagnosis.ts, 'Flush the cache database');
      await replyWith(world.workspace, root.ts, 'own queue');
    } finally {
      await world.stop();
      await queue.stop();
    }
  });
});
