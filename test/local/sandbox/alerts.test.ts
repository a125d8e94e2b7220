import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Sandbox } from '../../../src/local/sandbox/open-sandbox.ts';
import { waitFor } from '../../servers/program.ts';
import { dataFolder, onRedis, opened, redisUrl } from './opened.ts';
import { type Receiver, startReceiver } from './receiver.ts';

// The first to ask for a server may have to wait until it is installed.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

let receiver: Receiver;
let folder: Awaited<ReturnType<typeof dataFolder>>;
const toStop: Sandbox[] = [];

beforeEach(async () => {
  receiver = await startReceiver();
  folder = await dataFolder();
});
afterEach(async () => {
  await Promise.all(toStop.splice(0).map((sandbox) => sandbox.stop()));
  await receiver.stop();
  await folder.remove();
});
const open = async (more: Parameters<typeof opened>[2] = {}): Promise<Sandbox> => {
  const sandbox = await opened(folder.dir, receiver, more);
  toStop.push(sandbox);
  return sandbox;
};
const firing = () => receiver.of('HighMemoryUsage', 'firing');
const resolved = () => receiver.of('HighMemoryUsage', 'resolved');

async function usedPercent(sandbox: Sandbox): Promise<number> {
  const info = await onRedis(redisUrl(sandbox), (redis) => redis.info('memory'));
  const number = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]);
  return (number('used_memory') / number('maxmemory')) * 100;
}

describe('HighMemoryUsage', () => {
  test('begins when Redis is filled, goes on as one alert, and ends when it is emptied', async () => {
    const sandbox = await open();
    await sandbox.panel.press('fill-redis');
    expect(await usedPercent(sandbox)).toBeGreaterThan(90);
    await waitFor('three sendings', 10_000, async () => firing().length >= 3);
    expect(firing()[0]?.alerts[0]?.labels).toEqual({
      alertname: 'HighMemoryUsage',
      service: 'redis',
      severity: 'warning',
      system: 'moalog',
    });
    const same = (what: (one: ReturnType<typeof firing>[number]) => unknown) =>
      new Set(firing().map(what)).size;
    expect(same((one) => one.groupKey)).toBe(1);
    expect(same((one) => one.alerts[0]?.fingerprint)).toBe(1);
    expect(same((one) => one.alerts[0]?.startsAt)).toBe(1);

    await sandbox.panel.press('empty-redis');
    await waitFor('the end', 10_000, async () => resolved().length > 0);
    expect(resolved()[0]?.alerts[0]?.startsAt).toBe(firing()[0]?.alerts[0]?.startsAt);
    expect(await onRedis(redisUrl(sandbox), (redis) => redis.keys('cache:page:*'))).toEqual([]);
    expect(await onRedis(redisUrl(sandbox), (redis) => redis.keys('fluxpay:idem:*'))).toHaveLength(120);
    expect((await sandbox.panel.state()).lines).toContain('Alerts: none firing');
    expect(resolved()).toHaveLength(1);
  });

  test('begins as well when Redis is filled by hand', async () => {
    const sandbox = await open();
    await onRedis(redisUrl(sandbox), async (redis) => {
      for (let n = 0; n < 56; n++) await redis.set(`by-hand:${n}`, Buffer.alloc(1_000_000, 'x'));
    });
    await waitFor('the alert', 10_000, async () => firing().length > 0);
    await onRedis(redisUrl(sandbox), (redis) => redis.flushdb());
    await waitFor('the end', 10_000, async () => resolved().length > 0);
  });

  test('is sent again, without waiting for the next turn, to a bot that answers 503', async () => {
    receiver.answers.push(503, 503);
    const sandbox = await open({ pace: { readMs: 50, repeatMs: 60_000 } });
    await sandbox.panel.press('fill-redis');
    await waitFor('a sending that is taken', 10_000, async () =>
      firing().some((one) => one.answered === 200),
    );
    expect(firing().map((one) => one.answered)).toEqual([503, 503, 200]);
    receiver.answers.push(503);
    await sandbox.panel.press('empty-redis');
    await waitFor('the end, taken', 10_000, async () => resolved().some((one) => one.answered === 200));
    expect(resolved().map((one) => one.answered)).toEqual([503, 200]);
  });

  test('that ended while the bot was away is resolved when it is back', async () => {
    const first = await open();
    await first.panel.press('fill-redis');
    await waitFor('the alert', 10_000, async () => firing().length > 0);
    await first.stop();
    expect(resolved()).toEqual([]);
    await open();
    await waitFor('the end', 10_000, async () => resolved().length > 0);
    expect(resolved()[0]?.alerts[0]?.startsAt).toBe(firing()[0]?.alerts[0]?.startsAt);
  });
});
