/** Who watches the watcher: a Watchdog that stays away is told, and a dead man's switch outside hears from the bot. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase } from '../servers/postgres.ts';
import { waitFor } from '../servers/program.ts';
import { startWorld, type World } from './bot.ts';
import { roots, rootWith } from './slack-thread.ts';
import { sendAlerts } from './webhook.ts';

describe('the way from Prometheus to the bot, and from the bot to the outside', () => {
  let world: World;
  let outside: Server;
  let beats = 0;

  beforeAll(async () => {
    outside = createServer((_, answer) => {
      beats += 1;
      answer.end('ok');
    });
    await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve));
    const { port } = outside.address() as AddressInfo;
    world = await startWorld({
      DATABASE_URL: (await testDatabase()).url,
      WATCHDOG_WITHIN: '2s',
      HEARTBEAT_URL: `http://127.0.0.1:${port}/beat`,
      HEARTBEAT_EVERY: '200ms',
    });
  });
  afterAll(async () => {
    await world.stop();
    outside.close();
  });

  const watchdog = () =>
    sendAlerts(world, [{ labels: { alertname: 'Watchdog', severity: 'none' } }], 'watchdog');

  it('a Watchdog that was never seen is not missed; one that stays away is told once, and its return', async () => {
    await waitFor('some beats', 10_000, () => beats > 3);
    expect(roots(world.workspace)).toEqual([]);
    await watchdog();
    const told = await rootWith(world.workspace, 'Watchdog stays away');
    expect(told.text).toContain('Alertmanager');
    await watchdog();
    const back = await rootWith(world.workspace, 'Watchdog is back');
    expect(back.ts).toBe(told.ts);
    await rootWith(world.workspace, 'Watchdog stays away');
    expect(roots(world.workspace)).toHaveLength(2);
  });

  it('the heartbeat ends with the bot', async () => {
    await world.bot.kill('SIGKILL');
    const before = beats;
    await waitFor('a second without a beat', 5000, async () => {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return true;
    });
    expect(beats).toBe(before);
  });
});
