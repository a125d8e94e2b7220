/** One container on a real Docker engine, to restart, start, stop or replace. */
import { randomBytes } from 'node:crypto';
import type Docker from 'dockerode';
import type { PlanDraft } from '../../src/domain/action.ts';
import type { Target } from '../../src/domain/target.ts';
import { type DockerEngine, startDocker } from '../servers/docker.ts';
import { target } from './fixtures.ts';

const SANDBOX = { 'pageturner.sandbox': 'true' };
/** Ends at once when it is asked to: PID 1 ignores every signal it has no handler for. */
export const OBEDIENT = ['sh', '-c', 'trap "exit 0" TERM; while true; do sleep 0.1; done'];

export interface ContainerBench {
  readonly engine: DockerEngine;
  readonly docker: Docker;
  readonly prefix: string;
  readonly name: string;
  readonly target: Target;
  /** Makes a container whose name begins with this bench's prefix, started unless told not to. */
  make(name: string, options?: Docker.ContainerCreateOptions, started?: boolean): Promise<string>;
  /** What there is of this bench's containers, by name. */
  state(): Promise<Readonly<Record<string, ContainerState>>>;
  clear(): Promise<void>;
  stop(): Promise<void>;
}

export interface ContainerState {
  readonly id: string;
  readonly status: string;
  readonly startedAt: string;
}

export async function startContainerBench(): Promise<ContainerBench> {
  const engine = await startDocker();
  const { docker } = engine;
  const prefix = `c${randomBytes(4).toString('hex')}-`;
  const image = await engine.importBusybox();
  const mine = async () =>
    (await docker.listContainers({ all: true })).filter(({ Names }) => Names[0]?.startsWith(`/${prefix}`));
  const clear = async () => {
    for (const { Id } of await mine()) {
      await docker
        .getContainer(Id)
        .remove({ force: true, v: true })
        .catch(() => undefined);
    }
  };
  const name = `${prefix}app`;
  return {
    engine,
    docker,
    prefix,
    name,
    target: target({
      service: 'app',
      container: name,
      dockerHost: engine.host,
      sandboxOnly: true,
      declared: { ...target().declared, containers: { app: name } },
    }),
    async make(short, options = {}, started = true) {
      const { Labels = {}, HostConfig = {}, ...more } = options;
      const made = await docker.createContainer({
        name: `${prefix}${short}`,
        Image: image,
        Cmd: OBEDIENT,
        Env: ['PASSWORD=not-to-be-shown'],
        Labels: { ...SANDBOX, ...Labels },
        HostConfig: { NetworkMode: 'none', ...HostConfig },
        ...more,
      });
      if (started) await made.start();
      return made.id;
    },
    async state() {
      const entries = await Promise.all(
        (await mine()).map(async ({ Id }) => {
          const { Name, State } = await docker.getContainer(Id).inspect();
          const { Status: status, StartedAt: startedAt } = State;
          return [Name.slice(1 + prefix.length), { id: Id, status, startedAt }] as const;
        }),
      );
      return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
    },
    clear,
    async stop() {
      await clear();
      await engine.stop();
    },
  };
}

/** The bench of the contract, for an action on the one container; `running`: how it is before. */
export async function powerBench(running: boolean) {
  const bench = await startContainerBench();
  let first: string | null = null;
  const state = async () => bench.state();
  return {
    target: bench.target,
    settings: { grace: '1s' },
    fill: async () => {
      await bench.clear();
      await bench.make('app', {}, running);
      first = JSON.stringify(await state());
    },
    state,
    changes: async () => (JSON.stringify(await state()) === first ? 0 : 1),
    replace: async () => {
      await bench.clear();
      await bench.make('app', {}, running);
    },
    /** The same container, whatever it was in the middle of. */
    left: (after: unknown) => expectKeys(after, ['app']),
    spoil: async () => {
      const container = bench.docker.getContainer(bench.name);
      const { State } = await container.inspect();
      await (State.Running ? container.stop({ t: 1 }) : container.start());
    },
    own: (plan: PlanDraft) => plan,
    stop: bench.stop,
  };
}

/** For container.env: the one that gets a new one beside it. */
export async function envBench() {
  const bench = await powerBench(true);
  return {
    ...bench,
    settings: { name: 'SENTINEL_FAIL_OPEN', value: 'true' },
    // The old one, under either name, is there whatever happened; the new one may be.
    left: (after: unknown) => Object.keys(Object(after)).every((name) => /^app(-before-\w+)?$/u.test(name)),
  };
}

/** For docker.prune: one stopped container. */
export async function pruneBench() {
  const bench = await startContainerBench();
  let first = '';
  const make = async () => {
    const id = await bench.make('old', { Cmd: ['true'] });
    await bench.docker.getContainer(id).wait();
  };
  return {
    target: { ...bench.target, service: 'docker', container: null },
    settings: {},
    fill: async () => {
      await bench.clear();
      await make();
      first = JSON.stringify(await bench.state());
    },
    state: bench.state,
    changes: async () => (JSON.stringify(await bench.state()) === first ? 0 : 1),
    replace: async () => {
      await bench.clear();
      await make();
    },
    own: (plan: PlanDraft): PlanDraft => {
      if (plan.scope.kind !== 'items') return plan;
      const items = plan.scope.items.filter(({ name }) => name.startsWith(`container ${bench.prefix}`));
      return { ...plan, scope: { kind: 'items', items } };
    },
    stop: bench.stop,
  };
}

export const expectKeys = (after: unknown, keys: readonly string[]): boolean =>
  Object.keys(Object(after)).join() === keys.join();
