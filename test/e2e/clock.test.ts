import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import { testDatabase } from '../servers/postgres.ts';
import { waitFor } from '../servers/program.ts';
import { startRedis } from '../servers/redis.ts';
import { startWorld } from './bot.ts';
import { replyWith, rootWith, thread } from './slack-thread.ts';
import { sendAlerts } from './webhook.ts';

const PRELOAD = fileURLToPath(new URL('../servers/shift-clock.mjs', import.meta.url));
const HOUR_MS = 3_600_000;
const EXPIRES_MS = 8000;
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

// Over Socket Mode: a signed request is refused by a clock that is an hour wrong, as it must be.
describe.each([
  ['ahead', HOUR_MS],
  ['behind', -HOUR_MS],
])('a bot whose clock is an hour %s', (_, shift) => {
  it('decides by the database’s clock what is in time, what has expired and who holds what', {
    timeout: 120_000,
  }, async () => {
    const [target, database] = await Promise.all([startRedis(), testDatabase()]);
    const world = await startWorld(
      {
        DATABASE_URL: database.url,
        MOALOG_REDIS_URL: target.url,
        SLACK_SIGNING_SECRET: '',
        SLACK_APP_TOKEN: 'xapp-for-tests',
        APPROVAL_EXPIRES_PERSON: `${EXPIRES_MS}ms`,
        NODE_OPTIONS: `--import ${PRELOAD}`,
        SHIFT_CLOCK_MS: String(shift),
      },
      'xapp-for-tests',
    );
    const { workspace } = world;
    const redis = new Redis(target.url);
    try {
      await waitFor('the connection', 10_000, () => workspace.socketMode.connections() > 0);
      await redis.mset({ a: '1', b: '2' });
      await sendAlerts(world, [alert('late')], 'late');
      const late = await rootWith(workspace, 'late');
      const option = await replyWith(workspace, late.ts, 'Recovery', 'done');
      const asked = performance.now();
      await workspace.as(PEOPLE.developer.id).click(option.ts, 'Flush the cache database');
      await replyWith(workspace, late.ts, 'waits for a decision');
      await replyWith(workspace, late.ts, 'expired');
      expect(performance.now() - asked).toBeGreaterThan(EXPIRES_MS - 500);

      await workspace.as(PEOPLE.developer.id).click(option.ts, 'Flush the cache database');
      const step = await waitFor('the second request', 15_000, () =>
        thread(workspace, late.ts).find((m) => m.text.includes('waits for a decision')),
      );
      await workspace.as(PEOPLE.lead.id).click(step.ts, 'Approve');
      await replyWith(workspace, late.ts, 'Check after');
      expect(await redis.dbsize()).toBe(0);

      await sendAlerts(world, [{ ...alert('late'), status: 'resolved' }], 'late');
      await rootWith(workspace, 'late', 'resolved');
      await sendAlerts(world, [alert('late')], 'late');
      expect((await rootWith(workspace, 'late', 'firing')).ts).toBe(late.ts);
    } finally {
      redis.disconnect();
      await world.stop();
      await target.stop();
    }
  });
});
