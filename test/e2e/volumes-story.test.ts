import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import { type DockerEngine, startOwnDocker } from '../servers/docker.ts';
import { testDatabase } from '../servers/postgres.ts';
import { type RedisServer, startRedis } from '../servers/redis.ts';
import { startWorld, type World } from './bot.ts';
import { buttonLabels, replyWith, rootWith, toldAlone } from './slack-thread.ts';
import { sendAlerts } from './webhook.ts';

describe('the story of a full disk', () => {
  let engine: DockerEngine;
  let queue: RedisServer;
  let world: World;
  const names = async (): Promise<readonly string[]> =>
    ((await engine.docker.listVolumes()).Volumes ?? []).map((volume) => volume.Name).sort();

  beforeAll(async () => {
    [engine, queue] = await Promise.all([startOwnDocker(), startRedis()]);
    const database = await testDatabase();
    const image = await engine.importBusybox();
    for (const name of ['old_logs', 'old_cache', 'old_copy', 'mysql_data'])
      await engine.docker.createVolume({ Name: name });
    await engine.docker.createVolume({ Name: 'used_by_a_stopped_container' });
    await engine.docker.createContainer({
      Image: image,
      Cmd: ['/bin/sleep', '1'],
      HostConfig: { NetworkMode: 'none', Binds: ['used_by_a_stopped_container:/data'] },
    });
    world = await startWorld({ DATABASE_URL: database.url, REDIS_URL: queue.url, DOCKER_HOST: engine.host });
  });
  afterAll(async () => {
    await world?.stop();
    await queue?.stop();
    await engine?.stop();
  });

  it('plans by itself, removes what was approved one by one, and leaves what came into use or is new', async () => {
    const { workspace } = world;
    const labels = { alertname: 'DiskSpaceRunningLow', system: 'moalog', severity: 'warning' };
    await sendAlerts(world, [{ labels }]);
    const root = await rootWith(workspace, 'DiskSpaceRunningLow', 'moalog', 'firing');
    const step = await replyWith(workspace, root.ts, 'STEP-', 'waits for a decision', 'asked by the alert');
    for (const name of ['old_logs', 'old_cache', 'old_copy']) expect(step.text).toContain(name);
    expect(
      step.text
        .split('\n')
        .filter((line) => line.startsWith('• '))
        .join('\n'),
    ).not.toMatch(/mysql_data|used_by_a_stopped/u);

    const sam = workspace.as(PEOPLE.developer.id);
    await sam.command(`/ops plan ${/STEP-\d+/u.exec(step.text)?.[0]}`);
    const whole = await toldAlone(workspace, PEOPLE.developer.id, 'volumes.remove');
    expect(whole.text).toContain('3 in all');
    for (const name of ['old_logs', 'old_cache', 'old_copy']) expect(whole.text).toContain(name);
    await sam.command('/ops plan STEP-99999');
    await toldAlone(workspace, PEOPLE.developer.id, 'unknown request');

    // Meanwhile one comes into use, and two are new.
    const image = await engine.importBusybox();
    await engine.docker.createContainer({
      Image: image,
      Cmd: ['/bin/sleep', '1'],
      HostConfig: { NetworkMode: 'none', Binds: ['old_copy:/data'] },
    });
    await engine.docker.createVolume({ Name: 'new_one' });
    await engine.docker.createVolume({ Name: 'new_two' });

    await workspace.as(PEOPLE.lead.id).click(step.ts, 'Approve');
    const done = await replyWith(
      workspace,
      root.ts,
      '*done*',
      'old_logs: removed',
      'old_cache: removed',
      'old_copy: kept',
      'new_one: kept',
    );
    expect(buttonLabels(done)).toEqual([]);
    expect(await names()).toEqual([
      'mysql_data',
      'new_one',
      'new_two',
      'old_copy',
      'used_by_a_stopped_container',
    ]);
    await replyWith(workspace, root.ts, 'Check after');
    await rootWith(workspace, 'DiskSpaceRunningLow', 'firing');

    await engine.docker.getVolume('new_one').remove();
    await engine.docker.getVolume('new_two').remove();
    await sendAlerts(world, [{ labels, status: 'resolved' }]);
    await rootWith(workspace, 'DiskSpaceRunningLow', 'resolved');
    await replyWith(workspace, root.ts, 'Timeline', 'approved', 'the alert');
  });

  it('shows the containers and the last lines of one of them', async () => {
    const { workspace } = world;
    const image = await engine.importBusybox();
    const container = await engine.docker.createContainer({
      name: 'moalog-redis',
      Image: image,
      Cmd: ['/bin/echo', 'Connected <!channel> \u001b[31mred'],
      HostConfig: { NetworkMode: 'none' },
    });
    await container.start();
    await container.wait();
    const sam = workspace.as(PEOPLE.developer.id);
    await sam.command('/ops ps moalog');
    await toldAlone(workspace, PEOPLE.developer.id, '*redis* (`moalog-redis`) exited');
    await sam.command('/ops logs moalog redis 5');
    const told = await toldAlone(workspace, PEOPLE.developer.id, 'Connected');
    expect(told.text).toContain('Connected &lt;!channel&gt; red');
    for (const [line, part] of [
      ['/ops logs moalog redis 0', 'is not a number from 1 to 500'],
      ['/ops logs moalog nobody', 'Which service?'],
      ['/ops links moalog', 'Grafana'],
    ] as const) {
      await sam.command(line);
      await toldAlone(workspace, PEOPLE.developer.id, part);
    }
  });
});
