/** Volumes on a real Docker engine, named so that other tests on the same engine don't meet them. */
import { randomBytes } from 'node:crypto';
import Docker from 'dockerode';
import type { PlanDraft } from '../../src/domain/action.ts';
import type { Target } from '../../src/domain/target.ts';
import { startDocker } from '../servers/docker.ts';
import { waitFor } from '../servers/program.ts';
import { target } from './fixtures.ts';

const SANDBOX = { 'pageturner.sandbox': 'true' };

export interface DockerBench {
  readonly docker: Docker;
  readonly target: Target;
  readonly prefix: string;
  /** Makes a volume; its name begins with this bench's prefix. */
  volume(name: string, labels?: Readonly<Record<string, string>>): Promise<string>;
  /** Makes a container, not started, that uses the volume. */
  use(volume: string): Promise<void>;
  /** Removes the volume and makes it again, with another creation time (the engine tells whole seconds). */
  remake(volume: string): Promise<void>;
  /** Names of this bench's volumes that are there. */
  volumes(): Promise<readonly string[]>;
  /** The plan with the items of this bench alone: others' volumes must not go in its tests. */
  own(plan: PlanDraft): PlanDraft;
  /** Removes what this bench has made. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

export async function startDockerBench(): Promise<DockerBench> {
  const engine = await startDocker();
  const docker = new Docker({ socketPath: new URL(engine.host).pathname });
  const prefix = `t${randomBytes(4).toString('hex')}-`;
  let image: string | undefined;
  const make = (name: string, labels: Readonly<Record<string, string>>) =>
    docker.createVolume({ Name: name, Labels: { ...labels } });
  const volumes = async () =>
    (await docker.listVolumes()).Volumes.map(({ Name }) => Name)
      .filter((name) => name.startsWith(prefix))
      .sort();

  const clear = async () => {
    const mine = await docker.listContainers({ all: true, filters: JSON.stringify({ name: [prefix] }) });
    for (const { Id } of mine) await docker.getContainer(Id).remove({ force: true });
    for (const name of await volumes()) await docker.getVolume(name).remove();
  };

  return {
    docker,
    prefix,
    target: target({ service: 'docker', dockerHost: engine.host, sandboxOnly: true }),
    volume: async (name, labels = SANDBOX) => {
      await make(`${prefix}${name}`, labels);
      return `${prefix}${name}`;
    },
    use: async (volume) => {
      image ??= await engine.importBusybox();
      await docker.createContainer({
        name: `${volume}-user`,
        Image: image,
        Cmd: ['sleep', '60'],
        HostConfig: { Mounts: [{ Type: 'volume', Source: volume, Target: '/data' }], NetworkMode: 'none' },
      });
    },
    remake: async (volume) => {
      const before = await createdAt(docker, volume);
      await waitFor('the same volume name with another creation time', 5_000, async () => {
        await docker.getVolume(volume).remove();
        await make(volume, SANDBOX);
        return (await createdAt(docker, volume)) !== before;
      });
    },
    volumes,
    own: (plan) =>
      plan.scope.kind === 'items'
        ? {
            ...plan,
            scope: { kind: 'items', items: plan.scope.items.filter(({ name }) => name.startsWith(prefix)) },
          }
        : plan,
    clear,
    stop: async () => {
      await clear();
      await engine.stop();
    },
  };
}

async function createdAt(docker: Docker, volume: string): Promise<string> {
  const answer: object = await docker.getVolume(volume).inspect();
  return 'CreatedAt' in answer ? String(answer.CreatedAt) : '';
}
