/** docker.restart, docker.start and docker.stop on a real engine: what they refuse, and what they find afterwards. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createDockerRestart } from '../../src/actions/docker-restart.ts';
import { createDockerStart } from '../../src/actions/docker-start.ts';
import { createDockerStop } from '../../src/actions/docker-stop.ts';
import { type ContainerBench, startContainerBench } from './container-bench.ts';
import { context, planned } from './fixtures.ts';

const [restart, start, stop] = [createDockerRestart(), createDockerStart(), createDockerStop()];
const settings = { grace: '1s' };
const none = async () => {};
const never = async () => {
  throw new Error('it announced an act that must not be');
};

let bench: ContainerBench;
beforeAll(async () => {
  bench = await startContainerBench();
}, 180_000);
afterEach(() => bench.clear());
afterAll(() => bench?.stop());

test('starting what runs, and stopping what is stopped, changes nothing and says so', async () => {
  await bench.make('app');
  const running = await bench.state();
  const started = planned(await start.plan(bench.target, settings, context()));
  expect(started.preview[0]).toBe(`${bench.name} runs already: nothing will be changed`);
  expect(await start.execute(bench.target, settings, started, never, context())).toMatchObject({
    state: 'succeeded',
    items: [{ outcome: 'done', note: 'runs already' }],
  });
  expect(await bench.state()).toEqual(running);
  await bench.docker.getContainer(bench.name).stop({ t: 1 });
  const stopped = planned(await stop.plan(bench.target, settings, context()));
  expect(await stop.execute(bench.target, settings, stopped, never, context())).toMatchObject({
    state: 'succeeded',
    items: [{ note: 'is stopped already' }],
  });
});

test('the bot’s own container, and those of its journal and queue, are refused', async () => {
  const id = await bench.make('app', { HostConfig: { Binds: [`${bench.prefix}journal:/data`] } });
  const { self } = context();
  const refused = { refused: expect.stringContaining("is the bot's own") };
  for (const own of [
    { ...self, containerId: id },
    { ...self, containerId: id.slice(0, 12) },
    { ...self, volumes: [`${bench.prefix}journal`] },
  ]) {
    for (const kind of [restart, start, stop]) {
      expect(await kind.plan(bench.target, settings, context({ self: own }))).toEqual(refused);
    }
  }
  const approved = planned(await stop.plan(bench.target, settings, context()));
  const own = context({ self: { ...self, containerId: id } });
  expect(await stop.execute(bench.target, settings, approved, never, own)).toMatchObject({
    state: 'superseded',
  });
  await bench.clear();
  await bench.docker.getVolume(`${bench.prefix}journal`).remove();
  await bench.make('app', { Labels: { 'pageturner.part-of': 'pageturner' } });
  expect(await stop.plan(bench.target, settings, context())).toEqual(refused);
});

test('another environment’s container, and in local mode anything but the sandbox’s, is refused', async () => {
  await bench.make('app', { Labels: { 'pageturner.env': 'prod' } });
  expect(await restart.plan(bench.target, settings, context())).toEqual({
    refused: `the container ${bench.name} is marked prod, but the catalog says dev: nothing is done`,
  });
  const prod = { ...bench.target, environment: 'prod' as const };
  expect(planned(await restart.plan(prod, settings, context())).marker).toBe('prod');
  await bench.clear();
  await bench.make('app', { Labels: { 'pageturner.sandbox': 'no' } });
  expect(await restart.plan(bench.target, settings, context())).toMatchObject({
    refused: expect.stringContaining('local mode only changes the sandbox'),
  });
});

test('a service without a container, a missing one, and a grace beyond the step’s time are refused', async () => {
  expect(await stop.plan({ ...bench.target, container: null }, settings, context())).toEqual({
    refused: 'app has no container in the catalog',
  });
  expect(await stop.plan(bench.target, settings, context())).toEqual({
    refused: `there is no container ${bench.name}`,
  });
  await bench.make('app');
  expect(await stop.plan(bench.target, { grace: '2m' }, context())).toEqual({
    refused: "a grace of 2m doesn't fit into the step's 10 s: raise its timeout",
  });
  expect(stop.settings.safeParse({ grace: '-1s' }).success).toBe(false);
});

test('a container that ends right after its start, or is unhealthy, is not verified as good', async () => {
  await bench.make('app', { Cmd: ['sh', '-c', 'sleep 0.3; exit 3'] }, false);
  const approved = planned(await start.plan(bench.target, settings, context()));
  expect(await start.execute(bench.target, settings, approved, none, context())).toMatchObject({
    state: 'succeeded',
  });
  expect(await start.verify?.(bench.target, settings, approved, context())).toEqual({
    good: false,
    says: `${bench.name} is exited with code 3`,
  });
  await bench.clear();
  const Healthcheck = { Test: ['CMD', 'false'], Interval: 100_000_000, Retries: 1, Timeout: 1_000_000_000 };
  await bench.make('app', { Healthcheck });
  const sick = planned(await restart.plan(bench.target, settings, context()));
  expect(await restart.verify?.(bench.target, settings, sick, context())).toEqual({
    good: false,
    says: `${bench.name} runs and is unhealthy`,
  });
});

test('what the engine says of a container that can not start reaches the people', async () => {
  await bench.make('app', { Cmd: ['no-such-program'] }, false);
  const approved = planned(await start.plan(bench.target, settings, context()));
  const outcome = await start.execute(bench.target, settings, approved, none, context());
  expect(outcome).toMatchObject({ state: 'failed', summary: expect.stringContaining('no-such-program') });
});
