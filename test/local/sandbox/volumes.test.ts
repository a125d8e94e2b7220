import type Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openDocker } from '../../../src/clients/docker.ts';
import type { Sandbox } from '../../../src/local/sandbox/open-sandbox.ts';
import { LEFT_BEHIND } from '../../../src/local/sandbox/volumes.ts';
import { startDocker } from '../../servers/docker.ts';
import { waitFor } from '../../servers/program.ts';
import { dataFolder, NO_DOCKER, opened } from './opened.ts';
import { type Receiver, startReceiver } from './receiver.ts';

// The first to ask for a server may have to wait until it is installed.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

let engine: Awaited<ReturnType<typeof startDocker>>;
let docker: Docker;
let receiver: Receiver;
let folder: Awaited<ReturnType<typeof dataFolder>>;
let sandbox: Sandbox;

const removeAll = () =>
  Promise.all(
    LEFT_BEHIND.map((name) =>
      docker
        .getVolume(name)
        .remove()
        .catch(() => null),
    ),
  );
const volumesButton = async () =>
  (await sandbox.panel.state()).buttons.find((button) => button.id === 'leave-volumes');

beforeAll(async () => {
  engine = await startDocker();
  docker = openDocker(engine.host, { timeoutMs: 5_000 });
  await removeAll();
  receiver = await startReceiver();
  folder = await dataFolder();
  sandbox = await opened(folder.dir, receiver, { dockerHost: engine.host });
});
afterAll(async () => {
  await sandbox.stop();
  await removeAll();
  await receiver.stop();
  await folder.remove();
  await engine.stop();
});

describe('volumes left behind', () => {
  test('leaves a volume alone that has the name but not the label', async () => {
    const [name = ''] = LEFT_BEHIND;
    await docker.createVolume({ Name: name, Labels: { owner: 'somebody' } });
    await waitFor('the button', 5_000, volumesButton);
    await sandbox.panel.press('leave-volumes');
    expect((await sandbox.panel.state()).lines.at(-1)).toMatch(/is not the sandbox's exists already/);
    expect((await docker.getVolume(name).inspect()).Labels).toEqual({ owner: 'somebody' });
    await docker.getVolume(name).remove();
  });

  test('raise DiskSpaceRunningLow while they exist', async () => {
    await waitFor('the button', 5_000, volumesButton);
    await sandbox.panel.press('leave-volumes');
    for (const name of LEFT_BEHIND) {
      expect((await docker.getVolume(name).inspect()).Labels).toEqual({ 'pageturner.sandbox': 'true' });
    }
    await waitFor('the alert', 5_000, async () => receiver.of('DiskSpaceRunningLow', 'firing').length > 0);
    expect(receiver.of('DiskSpaceRunningLow')[0]?.alerts[0]?.labels).toMatchObject({
      service: 'docker',
      system: 'moalog',
    });
    await waitFor('no button', 5_000, async () => (await volumesButton()) === undefined);
    await removeAll();
    await waitFor('the end', 5_000, async () => receiver.of('DiskSpaceRunningLow', 'resolved').length > 0);
  });
});

test('without an engine the panel says how to get one and offers no volumes', async () => {
  const other = await dataFolder();
  const alone = await opened(other.dir, receiver, { dockerHost: NO_DOCKER });
  try {
    await waitFor('the line', 5_000, async () =>
      (await alone.panel.state()).lines.some((line) => /no engine answers at .*install one/.test(line)),
    );
    expect((await alone.panel.state()).buttons.map((button) => button.id)).not.toContain('leave-volumes');
  } finally {
    await alone.stop();
    await other.remove();
  }
});
