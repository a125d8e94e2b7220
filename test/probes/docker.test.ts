/** The Docker probes against a real engine. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NOTHING_DECLARED, type Target } from '../../src/domain/target.ts';
import { type DockerEngine, startDocker } from '../servers/docker.ts';
import { waitFor } from '../servers/program.ts';
import { ask } from './asking.ts';
import { openSockets } from './resources.ts';

const NAMES = {
  configured: 'probe-configured',
  running: 'probe-running',
  ended: 'probe-ended',
  later: 'probe-later',
};
const VOLUMES = ['probe-free', 'probe-named', 'probe-composed', 'probe-sandbox', 'probe-used'] as const;

let engine: DockerEngine;
beforeAll(async () => {
  engine = await startDocker();
  const image = await engine.importBusybox();
  const labels: Readonly<Record<string, Record<string, string>>> = {
    'probe-composed': { 'com.docker.compose.project': 'moalog' },
    'probe-sandbox': { 'pageturner.sandbox': 'true' },
  };
  for (const name of VOLUMES) await engine.docker.createVolume({ Name: name, Labels: labels[name] ?? {} });
  const start = async (name: string, script: string, binds: string[]) => {
    const settings = { NetworkMode: 'none', Binds: binds, Memory: 64 * 1_048_576 };
    const made = await engine.docker.createContainer({
      name,
      Image: image,
      Cmd: ['sh', '-c', script],
      HostConfig: settings,
    });
    await made.start();
    return made;
  };
  await start(NAMES.running, 'echo Connected to Redis; echo oops >&2; sleep 600', ['probe-used:/data']);
  await engine.docker.createContainer({
    name: NAMES.configured,
    Image: image,
    Cmd: ['true'],
    Env: ['REDIS_URL=redis://:hidden@r:6379', 'RABBITMQ_URL=', 'HEALTH_PORT_2=1'],
  });
  const ended = await start(NAMES.ended, 'exit 3', []);
  await ended.wait();
}, 180_000);
afterAll(async () => {
  for (const name of Object.values(NAMES)) await engine?.docker.getContainer(name).remove({ force: true });
  for (const name of VOLUMES) await engine?.docker.getVolume(name).remove();
});

const at = (container: string, more: Partial<Target> = {}) => ({
  dockerHost: engine.host,
  container,
  ...more,
});

test('a container that runs is up, over a socket that is closed afterwards', async () => {
  const before = openSockets();
  const result = await ask('docker.container', null, { target: at(NAMES.running) });
  expect(result).toMatchObject({
    state: 'up',
    facts: { state: 'running', health: 'none', restart_count: 0, oom_killed: false },
  });
  await waitFor('no socket', 2000, () => (openSockets() <= before ? 'closed' : null));
});

test('a container that has ended is down with its exit code; one that is missing is down', async () => {
  expect(await ask('docker.container', null, { target: at(NAMES.ended) })).toMatchObject({
    state: 'down',
    reason: 'container is exited with code 3',
    facts: { exit_code: 3 },
  });
  expect(await ask('docker.container', null, { target: at('probe-nowhere') })).toMatchObject({
    state: 'down',
    reason: 'No such container: probe-nowhere',
  });
});

test('variables of a container are named as set or not set; no value leaves the engine', async () => {
  const target = at(NAMES.configured);
  const names = ['REDIS_URL', 'RABBITMQ_URL', 'HEALTH_PORT'];
  const some = await ask('docker.env', null, { target, settings: { names } });
  expect(some).toMatchObject({
    state: 'degraded',
    reason: '2 of 3 not set: RABBITMQ_URL, HEALTH_PORT',
    facts: { set: 1, not_set: 2 },
  });
  expect(some.output).toMatch(/REDIS_URL +set\nRABBITMQ_URL +not set/u);
  expect(JSON.stringify(some)).not.toContain('hidden');
  expect(await ask('docker.env', null, { target, settings: { names: ['REDIS_URL'] } })).toMatchObject({
    state: 'up',
  });
});

test('logs show both streams, and whether a line says something', async () => {
  const target = at(NAMES.running);
  const result = await ask('docker.logs', null, { target, settings: { contains: 'Connected to Redis' } });
  expect(result).toMatchObject({ state: 'up', facts: { lines: 2, matches: 1 } });
  expect(result.output?.split('\n').sort()).toEqual(['Connected to Redis', 'oops']);
  expect(await ask('docker.logs', null, { target, settings: { contains: 'Ready' } })).toMatchObject({
    state: 'degraded',
    reason: 'none of the last 2 lines contains “Ready”',
  });
  expect(await ask('docker.logs', null, { target, settings: { lacks: 'oops' } })).toMatchObject({
    state: 'degraded',
  });
});

test('of a log, only lines since another service was started count when asked so', async () => {
  const later = await engine.docker.createContainer({
    name: NAMES.later,
    Image: await engine.importBusybox(),
    Cmd: ['sleep', '600'],
    HostConfig: { NetworkMode: 'none' },
  });
  const containers = { redis: NAMES.later, talker: NAMES.running, ended: NAMES.ended };
  const target = at(NAMES.running, { declared: { ...NOTHING_DECLARED, containers } });
  const since = (service: string) =>
    ask('docker.logs', null, {
      target,
      settings: { contains: 'Connected to Redis', sinceStartOf: service },
    });
  expect(await since('redis')).toMatchObject({
    state: 'degraded',
    reason: expect.stringMatching(/redis.*does not run/u),
  });
  await later.start();
  expect(await since('redis')).toMatchObject({
    state: 'degraded',
    reason: 'none of the 0 lines since redis was started contains “Connected to Redis”',
  });
  // It was said after the container itself was started.
  expect(await since('talker')).toMatchObject({ state: 'up', facts: { matches: 1 } });
  expect(await since('ended')).toMatchObject({ state: 'degraded' });
  expect(await since('nobody')).toMatchObject({ state: 'unknown' });
});

test('stats show the memory of one container, or a table of all', async () => {
  const one = await ask('docker.stats', null, { target: at(NAMES.running) });
  expect(one).toMatchObject({ state: 'up', facts: { containers: 1 } });
  expect(one.output).toContain(NAMES.running);
  const all = await ask('docker.stats', null, {
    target: { dockerHost: engine.host },
    settings: { all: true },
  });
  expect(Number(all.facts.containers)).toBeGreaterThan(0);
});

test('removable volumes are those nobody uses, names or composes', async () => {
  const known = { catalogVolumes: ['probe-named'], composeProjects: ['moalog'] };
  const { state, facts, output } = await ask('docker.df', null, { target: at('', known) });
  const bare = await ask('docker.df', null, { target: at('') });
  expect(state).toBe('up');
  expect(output).toMatch(/^TYPE +TOTAL +ACTIVE +SIZE +RECLAIMABLE/u);
  // Others may use the engine at the same time: what is told apart is compared, not the total.
  expect(Number(bare.facts.removable_volumes) - Number(facts.removable_volumes)).toBe(2);
  expect(Number(facts.unused_volumes) - Number(facts.removable_volumes)).toBeGreaterThanOrEqual(2);
});

test('in the sandbox only its own volumes are removable', async () => {
  const { facts } = await ask('docker.df', null, { target: at('', { sandboxOnly: true }) });
  expect(facts.removable_volumes).toBe(1);
});

test('many may ask for the disk usage at once: each gets its turn', async () => {
  const target = { dockerHost: engine.host };
  const found = await Promise.all(
    Array.from({ length: 6 }, () => ask('docker.df', null, { target, timeoutMs: 20_000 })),
  );
  expect(found.map(({ state, reason }) => [state, reason])).toEqual(found.map(() => ['up', null]));
});

test('every container of the system is listed, with those of its projects that the catalog does not name', async () => {
  const target = {
    dockerHost: engine.host,
    declared: { ...NOTHING_DECLARED, containers: { web: NAMES.running, worker: NAMES.ended } },
  };
  const result = await ask('docker.ps', null, { target });
  expect(result).toMatchObject({ state: 'up', facts: { containers: 2, running: 1, unknown: 0, names: '' } });
  expect(result.output).toMatch(new RegExp(`${NAMES.ended} +exited[\\s\\S]*${NAMES.running} +running`, 'u'));
  expect(result.output).not.toContain(NAMES.configured);
});
