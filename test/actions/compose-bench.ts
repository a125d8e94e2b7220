/** A Compose project on a real engine, with the real Compose program and a file in a folder of its own. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import type { PlanDraft } from '../../src/domain/action.ts';
import type { Target } from '../../src/domain/target.ts';
import { startDocker } from '../servers/docker.ts';
import { findProgram, waitFor } from '../servers/program.ts';
import { isBusy } from './command-bench.ts';
import { OBEDIENT } from './container-bench.ts';
import { declared } from './declared.ts';
import { target } from './fixtures.ts';

const PROJECT = 'com.docker.compose.project';

export interface ComposeBench {
  readonly docker: Docker;
  readonly image: string;
  readonly project: string;
  readonly folder: string;
  readonly file: string;
  /** With the file declared; `bare`: without. */
  readonly target: Target;
  readonly bare: Target;
  /** Writes the file: services by name, each with what is said of it in YAML beside image, command and network. */
  write(services: Readonly<Record<string, string>>, more?: string): void;
  /** A container of the project, as Compose 1 would have made it. */
  container(service: string, options?: Docker.ContainerCreateOptions, started?: boolean): Promise<string>;
  /** A volume of the project. */
  volume(name: string, labels?: Readonly<Record<string, string>>): Promise<string>;
  /** Ids and creation times by name, once no program works on the project any more. */
  state(): Promise<Readonly<Record<string, string>>>;
  clear(): Promise<void>;
  stop(): Promise<void>;
}

export async function startComposeBench(): Promise<ComposeBench> {
  await findProgram('docker-compose', 'docker-compose');
  const engine = await startDocker();
  const { docker } = engine;
  const image = await engine.importBusybox();
  const project = `p${randomBytes(4).toString('hex')}`;
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pageturner-compose-')));
  const file = join(folder, 'compose.yaml');
  const filters = JSON.stringify({ label: [`${PROJECT}=${project}`] });
  const at = (path: string | null) =>
    target({
      service: 'docker',
      dockerHost: engine.host,
      declared: declared({ compose: [{ name: project, file: path }] }),
    });
  const things = async () => ({
    containers: await docker.listContainers({ all: true, filters }),
    networks: await docker.listNetworks({ filters }),
    volumes: (await docker.listVolumes({ filters })).Volumes,
  });
  const settled = () => waitFor('Compose to end', 30_000, () => !isBusy(folder));
  const clear = async () => {
    await settled();
    const { containers, networks, volumes } = await things();
    for (const { Id } of containers) await docker.getContainer(Id).remove({ force: true, v: true });
    for (const { Id } of networks) await docker.getNetwork(Id).remove();
    for (const { Name } of volumes) await docker.getVolume(Name).remove();
  };
  const bench: ComposeBench = {
    docker,
    image,
    project,
    folder,
    file,
    target: at(file),
    bare: at(null),
    write(services, more = '') {
      const lines = Object.entries(services).map(
        ([name, rest]) =>
          `  ${name}:\n    image: ${image}\n    command: ${JSON.stringify(OBEDIENT)}\n    network_mode: none\n${rest}`,
      );
      writeFileSync(file, `version: "2.4"\nservices:\n${lines.join('')}${more}`);
    },
    async container(service, options = {}, started = true) {
      const { Labels = {}, HostConfig = {}, ...more } = options;
      const made = await docker.createContainer({
        name: `${project}_${service}_1`,
        Image: image,
        Cmd: OBEDIENT,
        Labels: {
          [PROJECT]: project,
          'com.docker.compose.service': service,
          'com.docker.compose.oneoff': 'False',
          'com.docker.compose.container-number': '1',
          'com.docker.compose.config-hash': 'none',
          'com.docker.compose.version': '1.29.2',
          ...Labels,
        },
        HostConfig: { NetworkMode: 'none', ...HostConfig },
        ...more,
      });
      if (started) await made.start();
      return made.id;
    },
    async volume(name, labels = {}) {
      const Labels = { [PROJECT]: project, 'com.docker.compose.volume': name, ...labels };
      await docker.createVolume({ Name: `${project}_${name}`, Labels });
      return `${project}_${name}`;
    },
    async state() {
      await settled();
      const { containers, networks, volumes } = await things();
      const started = await Promise.all(
        containers.map(async ({ Id, Names }) => {
          const { State } = await docker.getContainer(Id).inspect();
          return [`container ${Names[0]?.slice(1)}`, `${Id} ${State.Status} ${State.StartedAt}`] as const;
        }),
      );
      const rest = [
        ...networks.map(({ Id, Name }) => [`network ${Name}`, Id] as const),
        ...volumes.map(
          (one) => [`volume ${one.Name}`, 'CreatedAt' in one ? String(one.CreatedAt) : ''] as const,
        ),
      ];
      return Object.fromEntries([...started, ...rest].sort(([a], [b]) => (a < b ? -1 : 1)));
    },
    clear,
    async stop() {
      await clear();
      rmSync(folder, { recursive: true, force: true });
      await engine.stop();
    },
  };
  return bench;
}

/** The bench of the contract, for one verb on a project with one service and one volume. */
export async function composeBench(verb: 'up' | 'down' | 'restart' | 'reset') {
  const bench = await startComposeBench();
  const volumes = 'volumes:\n  data: {}\n';
  const write = (rest = '') => bench.write({ app: `    volumes: ["data:/data"]\n${rest}` }, volumes);
  const make = async () => {
    const data = await bench.volume('data');
    await bench.container('app', { HostConfig: { Binds: [`${data}:/data`] } });
  };
  let first = '';
  const names = [`container ${bench.project}_app_1`, `volume ${bench.project}_data`];
  const spoil = {
    up: () => bench.docker.getContainer(`${bench.project}_app_1`).kill(),
    restart: () => bench.docker.getContainer(`${bench.project}_app_1`).kill(),
    down: () => bench.docker.getContainer(`${bench.project}_app_1`).start(),
    reset: undefined,
  }[verb];
  // Two verbs with the Compose program, two without it: a program takes its seconds for every test.
  const isBare = verb === 'down' || verb === 'restart';
  return {
    target: isBare ? bench.bare : bench.target,
    settings: {},
    fill: async () => {
      await bench.clear();
      write();
      if (verb !== 'up') await make();
      first = JSON.stringify(await bench.state());
    },
    state: bench.state,
    changes: async () => (JSON.stringify(await bench.state()) === first ? 0 : 1),
    replace: async () => {
      if (verb === 'up') return write('    working_dir: /tmp\n');
      await bench.clear();
      await make();
    },
    left: (after: unknown) => Object.keys(Object(after)).every((name) => names.includes(name)),
    ...(spoil === undefined ? {} : { spoil: async () => void (await spoil()) }),
    own: (plan: PlanDraft) => plan,
    stop: bench.stop,
  };
}
