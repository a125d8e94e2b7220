/** container.env on a real engine: one variable changes, nothing else does, and the old container comes back. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createContainerEnv } from '../../src/actions/container-env/index.ts';
import { type ContainerBench, OBEDIENT, startContainerBench } from './container-bench.ts';
import { context, memoryUndo, planned } from './fixtures.ts';

const kind = createContainerEnv();
const open = { name: 'SENTINEL_FAIL_OPEN', value: 'true' };
const none = async () => {};

let bench: ContainerBench;
beforeAll(async () => {
  bench = await startContainerBench();
}, 180_000);
afterEach(async () => {
  await bench.clear();
  for (const name of [`${bench.prefix}net`, `${bench.prefix}net2`]) {
    await bench.docker.getNetwork(name).remove().catch(none);
  }
  await bench.docker.getVolume(`${bench.prefix}data`).remove().catch(none);
});
afterAll(() => bench?.stop());

const inspect = () => bench.docker.getContainer(bench.name).inspect();
const plan = async (settings = open) => planned(await kind.plan(bench.target, settings, context()));
const kept = async () =>
  Object.entries(await bench.state()).find(([name]) => name.startsWith('app-before-'))?.[1];

test('SENTINEL_FAIL_OPEN is never switched on in prod; switching it off is allowed', async () => {
  await bench.make('app');
  const prod = { ...bench.target, environment: 'prod' as const };
  for (const value of ['true', '1', '', 'TRUE', 'no']) {
    expect(await kind.plan(prod, { ...open, value }, context())).toMatchObject({
      refused: expect.stringContaining('never switched on in prod'),
    });
  }
  expect(await kind.plan(prod, { ...open, value: ' False ' }, context())).toMatchObject({ marker: null });
  const approved = await plan();
  const act = () => Promise.reject(new Error('it announced an act that must not be'));
  expect(await kind.execute(prod, open, approved, act, context())).toMatchObject({ state: 'superseded' });
});

test('a variable that looks like a secret is refused, as its value would be shown', async () => {
  await bench.make('app');
  for (const name of ['SENTINEL_AUTH_TOKEN', 'DB_PASSWORD', 'STRIPE_API_KEY']) {
    expect(await kind.plan(bench.target, { name, value: 'x' }, context())).toMatchObject({
      refused: expect.stringContaining('looks like a secret'),
    });
  }
});

test('the new container has the variable and all else that the old one had', async () => {
  const { docker, prefix } = bench;
  const subnet = (last: number) => ({ Config: [{ Subnet: `10.213.${(process.pid % 120) + 1}.${last}/29` }] });
  await docker.createNetwork({
    Name: `${prefix}net`,
    Internal: true,
    IPAM: { Driver: 'default', ...subnet(0) },
  });
  await docker.createNetwork({
    Name: `${prefix}net2`,
    Internal: true,
    IPAM: { Driver: 'default', ...subnet(8) },
  });
  await docker.createVolume({ Name: `${prefix}data` });
  await bench.make(
    'app',
    {
      Env: ['PASSWORD=not-to-be-shown', 'SENTINEL_FAIL_OPEN=false', 'MODE=a=b'],
      Labels: { 'com.docker.compose.project': 'mari' },
      Volumes: { '/cache': {} },
      HostConfig: {
        NetworkMode: `${prefix}net`,
        Binds: [`${prefix}data:/data`],
        RestartPolicy: { Name: 'always' },
        Memory: 64 * 1_048_576,
      },
      NetworkingConfig: { EndpointsConfig: { [`${prefix}net`]: { Aliases: ['core'] } } },
    },
    false,
  );
  await docker.getNetwork(`${prefix}net2`).connect({ Container: bench.name });
  await docker.getContainer(bench.name).start();
  const before = await inspect();
  const approved = await plan();
  expect(JSON.stringify(approved)).not.toMatch(/not-to-be-shown|a=b/u);
  expect(approved.preview.join('\n')).toContain('it has another value now');
  const outcome = await kind.execute(bench.target, open, approved, none, context({ timeoutMs: 15_000 }));
  expect(outcome).toMatchObject({ state: 'succeeded' });
  expect(JSON.stringify(outcome)).not.toContain('not-to-be-shown');
  const after = await inspect();
  expect(after.Id).not.toBe(before.Id);
  expect([...after.Config.Env].sort()).toEqual(
    [...before.Config.Env.filter((one) => !one.startsWith('SENTINEL')), 'SENTINEL_FAIL_OPEN=true'].sort(),
  );
  expect(after.Config.Labels).toEqual({ ...before.Config.Labels, 'pageturner.replaces': before.Id });
  expect(after.Image).toBe(before.Image);
  const mounts = (info: typeof after) =>
    info.Mounts.map(({ Name, Destination }) => `${Name}:${Destination}`).sort();
  expect(mounts(after)).toEqual(mounts(before));
  expect(Object.keys(after.NetworkSettings.Networks).sort()).toEqual([`${prefix}net`, `${prefix}net2`]);
  expect(after.NetworkSettings.Networks[`${prefix}net`]?.Aliases).toContain('core');
  expect(after.HostConfig.RestartPolicy?.Name).toBe('always');
  expect(after.HostConfig.Memory).toBe(before.HostConfig.Memory);
  // Else the engine would start both when it starts again.
  const old = await docker.getContainer(before.Id).inspect();
  expect([old.State.Running, old.HostConfig.RestartPolicy?.Name]).toEqual([false, 'no']);
});

test('the undo brings the old container back under its name and removes the new one', async () => {
  const id = await bench.make('app', { HostConfig: { RestartPolicy: { Name: 'always' } } });
  const approved = await plan();
  const undo = memoryUndo();
  expect(await kind.makeUndo?.(bench.target, open, approved, undo, context())).toMatchObject({ entries: 1 });
  expect(Buffer.concat(undo.parts).toString()).not.toContain('not-to-be-shown');
  await kind.execute(bench.target, open, approved, none, context());
  expect((await inspect()).Id).not.toBe(id);
  // The undo is planned with the same settings on what is there now.
  expect(await kind.plan(bench.target, open, context())).toMatchObject({ undo: { kind: 'made' } });
  expect(await kind.restore?.(bench.target, open, undo.read(), context())).toMatchObject({
    state: 'succeeded',
  });
  const back = await inspect();
  expect([back.Id, back.State.Running, back.HostConfig.RestartPolicy?.Name]).toEqual([id, true, 'always']);
  expect(Object.keys(await bench.state())).toEqual(['app']);
});

test('when the new container does not work, the old one is back and runs', async () => {
  const script = `[ "$SENTINEL_FAIL_OPEN" = true ] && exit 1; ${OBEDIENT[2]}`;
  const id = await bench.make('app', { Cmd: ['sh', '-c', script] });
  const outcome = await kind.execute(bench.target, open, await plan(), none, context());
  expect(outcome).toMatchObject({
    state: 'failed',
    summary: expect.stringContaining('the old container is back'),
  });
  expect(await bench.state()).toMatchObject({ app: { id, status: 'running' } });
  expect(Object.keys(await bench.state())).toEqual(['app']);
});

test('what a kill has left half done can be undone, and done to its end', async () => {
  const id = await bench.make('app');
  const approved = await plan();
  const undo = memoryUndo();
  await kind.makeUndo?.(bench.target, open, approved, undo, context());
  const old = bench.docker.getContainer(id);
  const halfway = async () => {
    await old.stop({ t: 1 });
    await old.rename({ name: `${bench.name}-before-20260131T120000Z` });
  };
  await halfway();
  const again = await plan();
  expect(again.identity.container_id).toBe(id);
  expect(again.preview.join('\n')).toContain('an earlier replacement was cut off');
  expect(await kind.restore?.(bench.target, open, undo.read(), context())).toMatchObject({
    state: 'succeeded',
  });
  expect(await bench.state()).toMatchObject({ app: { id, status: 'running' } });
  await halfway();
  expect(await kind.execute(bench.target, open, await plan(), none, context())).toMatchObject({
    state: 'succeeded',
  });
  expect((await kept())?.id).toBe(id);
});

test('a container that has taken the name meanwhile is not removed by the undo', async () => {
  await bench.make('app');
  const undo = memoryUndo();
  await kind.makeUndo?.(bench.target, open, await plan(), undo, context());
  await bench.docker.getContainer(bench.name).rename({ name: `${bench.name}-before-20260131T120000Z` });
  const stranger = await bench.make('app');
  expect(await kind.restore?.(bench.target, open, undo.read(), context())).toMatchObject({
    state: 'failed',
    summary: expect.stringContaining('another container has the name'),
  });
  expect((await inspect()).Id).toBe(stranger);
});
