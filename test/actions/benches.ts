/** The table of kinds: for each a real target that its contract is checked on. */
import type { PlanDraft } from '../../src/domain/action.ts';
import type { Target } from '../../src/domain/target.ts';
import { startAlertmanagerBench } from './alertmanager-bench.ts';
import { startCommandBench } from './command-bench.ts';
import { composeBench } from './compose-bench.ts';
import { envBench, powerBench, pruneBench } from './container-bench.ts';
import { startDockerBench } from './docker-bench.ts';
import { startHttpBench } from './http-bench.ts';
import { mongodbBench } from './mongodb-bench.ts';
import { readingBench } from './postgres-bench.ts';
import { restoreBench } from './postgres-restore-bench.ts';
import { QUEUE, startRabbitmqBench, WAITING } from './rabbitmq-bench.ts';
import { fillEveryKind, keySpace, startRedisBench } from './redis-bench.ts';

/** A real target with something on it that the action removes. */
export interface Bench {
  readonly target: Target;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Where nothing is, and what is said of that; left out: the server refuses the connection. */
  readonly gone?: { readonly target: Partial<Target>; readonly says: RegExp };
  /** It only looks: carried out, it has changed nothing. */
  readonly changesNothing?: true;
  /** Puts it into its first state. */
  fill(): Promise<void>;
  /** All that is there: equal as long as nothing was changed. */
  state(): Promise<unknown>;
  /** Changing calls that reached the target since `fill`. */
  changes(): Promise<number>;
  /** Makes it another target under the same name. */
  replace(): Promise<void>;
  /** Whether this may be what a kill in the middle of the act has left; left out: nothing may be left. */
  left?(after: unknown): boolean;
  /** For a kind that verifies: makes it, once carried out, not what it should be; left out: it isn't so before the act. */
  spoil?(): Promise<void>;
  /** The plan, without what other tests have put on the same target. */
  own(plan: PlanDraft): PlanDraft;
  stop(): Promise<void>;
}

async function redisBench(): Promise<Bench> {
  const bench = await startRedisBench();
  return {
    target: bench.target,
    settings: { db: 0 },
    fill: async () => {
      await bench.redis.flushall();
      await fillEveryKind(bench.redis);
      await bench.redis.config('RESETSTAT');
    },
    state: () => keySpace(bench.redis),
    changes: () => bench.writes(),
    replace: async () => {
      await bench.restart();
      await fillEveryKind(bench.redis);
      await bench.redis.config('RESETSTAT');
    },
    // A key that was there long before.
    spoil: async () => {
      await bench.redis.set('of-now', 'v');
      const payload = await bench.redis.dumpBuffer('of-now');
      await bench.redis.call('RESTORE', 'of-before', '0', payload ?? '', 'IDLETIME', '3600');
    },
    own: (plan) => plan,
    stop: bench.stop,
  };
}

async function dockerBench(): Promise<Bench> {
  const bench = await startDockerBench();
  let [name, present] = ['', 0];
  return {
    target: bench.target,
    settings: {},
    fill: async () => {
      await bench.clear();
      name = await bench.volume('old');
      present = (await bench.volumes()).length;
    },
    state: () => bench.volumes(),
    changes: async () => present - (await bench.volumes()).length,
    replace: () => bench.remake(name),
    own: bench.own,
    stop: bench.stop,
  };
}

async function commandBench(): Promise<Bench> {
  const bench = startCommandBench();
  return {
    target: bench.target,
    settings: { program: 'purge', with: { what: 'all' } },
    gone: { target: bench.gone, says: /there is no folder/u },
    fill: async () => bench.fill(),
    state: () => bench.state(),
    changes: () => bench.runs(),
    replace: async () => bench.replace(),
    own: (plan) => plan,
    stop: async () => bench.stop(),
  };
}

async function httpBench(): Promise<Bench> {
  const bench = await startHttpBench();
  return {
    get target() {
      return bench.target();
    },
    settings: { call: 'clean', with: { what: 'old ones', date: '2024-01-31' } },
    gone: { target: bench.gone, says: /connection refused/u },
    fill: async () => bench.fill(),
    state: async () => {
      await bench.settled();
      return { ...bench.things() };
    },
    changes: async () => {
      await bench.settled();
      return bench.received.length;
    },
    replace: async () => bench.replace(),
    own: (plan) => plan,
    stop: () => bench.stop(),
  };
}

async function alertmanagerBench(): Promise<Bench> {
  const bench = await startAlertmanagerBench();
  return {
    get target() {
      return bench.target();
    },
    settings: { matchers: 'system="moalog", service="redis"', duration: '10m', comment: 'a rebuild' },
    gone: { target: bench.gone, says: /connection refused/u },
    fill: () => bench.fill(),
    state: async () => {
      await bench.settled();
      return bench.alerts();
    },
    changes: async () => {
      await bench.settled();
      return bench.silences();
    },
    replace: async () => bench.replace(),
    own: (plan) => plan,
    stop: () => bench.stop(),
  };
}

async function rabbitmqBench(): Promise<Bench> {
  const bench = await startRabbitmqBench();
  return {
    target: bench.target,
    settings: { queue: QUEUE, managementPort: bench.managementPort },
    gone: { target: bench.gone, says: /connection refused/u },
    fill: () => bench.fill(),
    state: async () => {
      await bench.settled();
      return Array.from({ length: await bench.depth() }, () => 'message');
    },
    changes: async () => {
      await bench.settled();
      return (await bench.depth()) === WAITING ? 0 : 1;
    },
    replace: () => bench.replace(),
    own: (plan) => plan,
    stop: () => bench.stop(),
  };
}

export const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  'alertmanager.silence': alertmanagerBench,
  command: commandBench,
  'http.call': httpBench,
  'rabbitmq.purge': rabbitmqBench,
  'compose.down': () => composeBench('down'),
  'compose.reset': () => composeBench('reset'),
  'compose.restart': () => composeBench('restart'),
  'compose.up': () => composeBench('up'),
  'container.env': envBench,
  'docker.prune': pruneBench,
  'docker.restart': () => powerBench(true),
  'docker.start': () => powerBench(false),
  'docker.stop': () => powerBench(true),
  'mongodb.backup': mongodbBench,
  'postgres.backup': () => readingBench({}),
  'postgres.export': () => readingBench({ table: 'audit_logs' }),
  'postgres.query': async () => ({
    ...(await readingBench({ sql: 'select count(*) from payments' })),
    changesNothing: true,
  }),
  'postgres.restore': restoreBench,
  'redis.flushdb': redisBench,
  'volumes.remove': dockerBench,
};
