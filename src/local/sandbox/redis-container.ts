/** The sandbox's Redis in a container, where the machine has an image of it but no program. */
import { setTimeout as delay } from 'node:timers/promises';
import { openDocker } from '../../clients/docker.ts';
import { closeRedis } from '../../clients/redis.ts';
import { openSandboxConnection, type RedisAddress } from './redis-address.ts';
import { SANDBOX_SETTINGS } from './redis-process.ts';

export const SANDBOX_LABEL = 'pageturner.sandbox';
const START_DEADLINE_MS = 20_000;

/** Starts a container that ends without a trace. Its name comes from the port: one per sandbox. @throws the engine's words. */
export async function startRedisContainer(
  dockerHost: string,
  image: string,
  address: RedisAddress,
  signal: AbortSignal,
): Promise<void> {
  const docker = openDocker(dockerHost, { timeoutMs: 10_000 });
  await endRedisContainer(dockerHost, address);
  const settings = SANDBOX_SETTINGS.flatMap(([name = '', ...values]) => [`--${name}`, ...values]);
  const container = await docker.createContainer({
    name: containerName(address),
    Image: image,
    Cmd: [
      image.includes('valkey') ? 'valkey-server' : 'redis-server',
      '--requirepass',
      address.password,
      ...settings,
    ],
    Labels: { [SANDBOX_LABEL]: 'true' },
    ExposedPorts: { '6379/tcp': {} },
    HostConfig: {
      AutoRemove: true,
      Tmpfs: { '/data': '' },
      PortBindings: { '6379/tcp': [{ HostIp: '127.0.0.1', HostPort: String(address.port) }] },
    },
  });
  await container.start();
  const deadline = Date.now() + START_DEADLINE_MS;
  for (;;) {
    signal.throwIfAborted();
    try {
      return closeRedis(await openSandboxConnection(address, { signal, timeoutMs: 1_000 }));
    } catch (error) {
      if (Date.now() > deadline)
        throw new Error(`the container of ${image} does not answer`, { cause: error });
      await delay(100, undefined, { signal });
    }
  }
}

/** Whether the container of this address runs. */
export async function isRedisContainerRunning(dockerHost: string, address: RedisAddress): Promise<boolean> {
  try {
    const found = await openDocker(dockerHost, { timeoutMs: 1_500 })
      .getContainer(containerName(address))
      .inspect();
    return found.State.Running && found.Config.Labels[SANDBOX_LABEL] === 'true';
  } catch {
    return false;
  }
}

/** Removes the container of this address when it carries the sandbox's label. */
export async function endRedisContainer(dockerHost: string, address: RedisAddress): Promise<void> {
  const container = openDocker(dockerHost, { timeoutMs: 5_000 }).getContainer(containerName(address));
  const found = await container.inspect().catch(() => null);
  if (found?.Config.Labels[SANDBOX_LABEL] !== 'true') return;
  await container.remove({ force: true, v: true }).catch(() => null);
}

function containerName(address: RedisAddress): string {
  return `pageturner-sandbox-redis-${address.port}`;
}
