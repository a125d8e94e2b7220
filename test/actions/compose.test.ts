/** Compose actions on a real engine with the real Compose program: what each touches, and what it refuses. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createFindCompose } from '../../src/actions/compose/program.ts';
import { createComposeDown } from '../../src/actions/compose-down.ts';
import { createComposeReset } from '../../src/actions/compose-reset/index.ts';
import { destroyedSince, engineTime } from '../../src/actions/compose-reset/volume-identity.ts';
import { createComposeRestart } from '../../src/actions/compose-restart.ts';
import { createComposeUp } from '../../src/actions/compose-up.ts';
import type { PlanDraft } from '../../src/domain/action.ts';
import { type ComposeBench, startComposeBench } from './compose-bench.ts';
import { declared } from './declared.ts';
import { context, planned } from './fixtures.ts';

const deps = { env: process.env, find: createFindCompose(process.env) };
const [up, down, restart, reset] = [
  createComposeUp(deps),
  createComposeDown(deps),
  createComposeRestart(deps),
  createComposeReset(deps),
];
const none = async () => {};
const never = async () => {
  throw new Error('it announced an act that must not be');
};
const long = () => context({ timeoutMs: 60_000, signal: AbortSignal.timeout(80_000) });

let bench: ComposeBench;
beforeAll(async () => {
  bench = await startComposeBench();
}, 180_000);
afterEach(() => bench.clear());
afterAll(() => bench?.stop());

const names = ({ scope }: PlanDraft) =>
  scope.kind === 'items' ? scope.items.map(({ name }) => name.replace(bench.project, 'P')) : [];
const stateNames = async () =>
  Object.keys(await bench.state()).map((name) => name.replace(bench.project, 'P'));

test('up, restart and down by the Compose program with the declared file; volumes stay', async () => {
  const subnet = `10.215.${(process.pid % 200) + 1}.0/29`;
  const network = `networks:\n  default: { internal: true, ipam: { config: [{ subnet: ${subnet} }] } }\n`;
  bench.write(
    { db: '    volumes: ["data:/data"]\n', api: `    environment: { KEY: "\${PT_UNSET:-x}\${PT_BLANK}" }\n` },
    `volumes:\n  data: {}\n${network}`,
  );
  // One service in the project's network.
  writeFileSync(bench.file, readFileSync(bench.file, 'utf8').replace('    network_mode: none\n', ''));
  const first = planned(await up.plan(bench.target, {}, long()));
  expect(first.scope).toMatchObject({ kind: 'call', does: expect.stringContaining('"up","--detach"') });
  expect(first.preview.join('\n')).toContain('made new, with what they need: ');
  expect(first.preview.join('\n')).toContain('PT_BLANK');
  const made = await up.execute(bench.target, {}, first, none, long());
  expect(made).toMatchObject({ state: 'succeeded', items: [{ outcome: 'done' }, { outcome: 'done' }] });
  expect(await up.verify?.(bench.target, {}, first, long())).toMatchObject({ good: true });
  expect(await stateNames()).toEqual([
    'container P_api_1',
    'container P_db_1',
    'network P_default',
    'volume P_data',
  ]);

  const one = { services: ['db'] };
  const before = await bench.state();
  const again = planned(await restart.plan(bench.target, one, long()));
  expect(names(again)).toEqual(['container P_db_1']);
  expect(await restart.execute(bench.target, one, again, none, long())).toMatchObject({ state: 'succeeded' });
  const after = await bench.state();
  expect(Object.keys(after).filter((name) => after[name] !== before[name])).toEqual([
    `container ${bench.project}_db_1`,
  ]);

  const end = planned(await down.plan(bench.target, {}, long()));
  expect(names(end)).toEqual(['container P_api_1', 'container P_db_1', 'network P_default']);
  expect(end.preview.at(-1)).toBe('no volume is touched');
  const ended = await down.execute(bench.target, {}, end, none, long());
  expect(ended).toMatchObject({
    state: 'succeeded',
    summary: expect.stringContaining('docker-compose down ended well'),
  });
  expect(await stateNames()).toEqual(['volume P_data']);
}, 180_000);

test('a reset removes the approved volumes by name; one that appeared since stays', async () => {
  bench.write({ db: '    volumes: ["data:/data"]\n', prometheus: '' }, 'volumes:\n  data: {}\n');
  const data = await bench.volume('data');
  await bench.container('db', { HostConfig: { Binds: [`${data}:/data`] }, Volumes: { '/cache': {} } });
  await bench.container('prometheus');
  const anonymous = (await bench.docker.getContainer(`${bench.project}_db_1`).inspect()).Mounts.find(
    ({ Name }) => Name !== data,
  )?.Name;
  const approved = planned(await reset.plan(bench.target, {}, long()));
  expect(names(approved).sort()).toEqual(
    ['container P_db_1', 'container P_prometheus_1', 'volume P_data', `volume ${anonymous}`].sort(),
  );
  const text = approved.preview.join('\n');
  expect(text).toContain(`its own monitoring goes too (${bench.project}_prometheus_1)`);
  expect(text).toMatch(/total: 2 volumes, /u);
  await bench.volume('later');
  const outcome = await reset.execute(bench.target, {}, approved, none, long());
  expect(outcome).toMatchObject({
    state: 'succeeded',
    summary: expect.stringContaining('2 of 2 volumes removed'),
  });
  expect(await stateNames()).toEqual(['volume P_later']);
  expect((await bench.docker.listVolumes()).Volumes.map(({ Name }) => Name)).not.toContain(anonymous);
}, 120_000);

test('a reset removes a volume that its database still writes to as it ends', async () => {
  bench.write({ db: '    volumes: ["data:/data"]\n' }, 'volumes:\n  data: {}\n');
  const data = await bench.volume('data');
  const script = 'trap "touch /data/snapshot; exit 0" TERM; while true; do sleep 0.1; done';
  await bench.container('db', { Cmd: ['sh', '-c', script], HostConfig: { Binds: [`${data}:/data`] } });
  const approved = planned(await reset.plan(bench.target, {}, long()));
  // Seconds are all that some engines tell of a volume's time.
  await sleep(1100);
  expect(await reset.execute(bench.target, {}, approved, none, long())).toMatchObject({
    state: 'succeeded',
    summary: expect.stringContaining('1 of 1 volume removed'),
  });
  expect(await stateNames()).toEqual([]);
}, 120_000);

test('the engine tells a volume that was removed and made again from one that stayed', async () => {
  const [again, stays] = [await bench.volume('again'), await bench.volume('stays')];
  const since = await engineTime(bench.target, long());
  await bench.docker.getVolume(again).remove();
  await bench.volume('again');
  expect([...(await destroyedSince(bench.target, since, long()))]).toEqual([again]);
  expect(stays).not.toBe(again);
}, 60_000);

test('a volume made again under its name, or used from outside the project, is kept by a reset', async () => {
  bench.write({ app: '' });
  const data = await bench.volume('data');
  await bench.container('app');
  const approved = planned(await reset.plan(bench.target, {}, long()));
  const older: PlanDraft = {
    ...approved,
    scope: {
      kind: 'items',
      items: (approved.scope.kind === 'items' ? approved.scope.items : []).map((item) =>
        item.name.startsWith('volume') ? { ...item, id: `volume:${data}@2020-01-01T00:00:00Z` } : item,
      ),
    },
  };
  const outcome = await reset.execute(bench.target, {}, older, none, long());
  expect(outcome).toMatchObject({
    // Whatever comes after a reset must not go on with the old data.
    state: 'failed',
    items: [{ outcome: 'done' }, { outcome: 'kept', note: 'another volume of that name by now' }],
  });
  expect(await stateNames()).toEqual(['volume P_data']);
  const user = await bench.docker.createContainer({
    name: `${bench.project}-outside`,
    Image: bench.image,
    Cmd: ['true'],
    HostConfig: { NetworkMode: 'none', Binds: [`${data}:/data`] },
  });
  try {
    const second = planned(await reset.plan(bench.target, {}, long()));
    expect(await reset.execute(bench.target, {}, second, none, long())).toMatchObject({
      items: [{ outcome: 'kept', note: 'used by 1 container outside the project' }],
    });
  } finally {
    await user.remove({ force: true });
  }
}, 120_000);

test('a container that is new since the plan stops a down and a reset, as Compose would take it too', async () => {
  bench.write({ app: '', later: '' });
  await bench.volume('data');
  await bench.container('app');
  const plans = [
    planned(await down.plan(bench.target, {}, long())),
    planned(await reset.plan(bench.target, {}, long())),
  ];
  await bench.container('later');
  const [ofDown, ofReset] = plans;
  if (ofDown === undefined || ofReset === undefined) throw new Error('no plans');
  const before = await bench.state();
  const superseded = {
    state: 'superseded',
    summary: expect.stringContaining('later_1 is new since the plan'),
  };
  expect(await down.execute(bench.target, {}, ofDown, never, long())).toMatchObject(superseded);
  expect(await reset.execute(bench.target, {}, ofReset, never, long())).toMatchObject(superseded);
  expect(await bench.state()).toEqual(before);
}, 120_000);

test('without the file: existing containers are started, stopped and kept; nothing else can be made', async () => {
  expect(await up.plan(bench.bare, {}, long())).toMatchObject({
    refused: expect.stringMatching(/no container of the project .* to start; .*MOALOG_COMPOSE_FILE/u),
  });
  await bench.container('app');
  await bench.container('db');
  expect(await reset.plan(bench.bare, {}, long())).toMatchObject({
    refused: expect.stringContaining('nothing could be started again'),
  });
  const end = planned(await down.plan(bench.bare, {}, long()));
  expect(end.preview).toContain('stopped and kept:');
  expect(await down.execute(bench.bare, {}, end, none, long())).toMatchObject({ state: 'succeeded' });
  expect(await down.verify?.(bench.bare, {}, end, long())).toMatchObject({ good: true });
  const begin = planned(await up.plan(bench.bare, { services: ['app'] }, long()));
  expect(names(begin)).toEqual(['container P_app_1']);
  expect(await up.execute(bench.bare, { services: ['app'] }, begin, none, long())).toMatchObject({
    state: 'succeeded',
  });
  const status = Object.values(await bench.state()).map((text) => text.split(' ')[1]);
  expect(status).toEqual(['running', 'exited']);
}, 120_000);

test('a declared file that is missing or not taken, and unknown projects and services, are refused by name', async () => {
  await bench.container('app');
  const gone = join(bench.folder, 'gone.yaml');
  const missing = { ...bench.target, declared: declared({ compose: [{ name: bench.project, file: gone }] }) };
  for (const kind of [up, down, restart, reset]) {
    expect(await kind.plan(missing, {}, long())).toMatchObject({ refused: expect.stringContaining(gone) });
  }
  writeFileSync(bench.file, 'services: [broken');
  expect(await up.plan(bench.target, {}, long())).toMatchObject({
    refused: expect.stringContaining(`the Compose file ${bench.file} is not taken`),
  });
  expect(await up.plan(bench.target, { project: 'other' }, long())).toMatchObject({
    refused: expect.stringContaining(`it has ${bench.project}`),
  });
  expect(await restart.plan(bench.bare, { services: ['db'] }, long())).toMatchObject({
    refused: 'there is no service db in the project; it has app',
  });
  expect(up.settings.safeParse({ services: ['--force-recreate'] }).success).toBe(false);
  expect(up.settings.safeParse({ project: '-p' }).success).toBe(false);
  const nothing = { ...bench.target, declared: declared({}) };
  expect(await up.plan(nothing, {}, long())).toMatchObject({
    refused: expect.stringContaining('declares no Compose project'),
  });
});

test('a project that the bot is part of is refused as a whole, and so is another environment’s', async () => {
  bench.write({ app: '' });
  const id = await bench.container('app');
  const own = { ...long(), self: { ...context().self, containerId: id } };
  for (const kind of [up, down, restart, reset]) {
    expect(await kind.plan(bench.target, {}, own)).toMatchObject({
      refused: expect.stringContaining("the bot's own"),
    });
  }
  const data = await bench.volume('data');
  const ownVolume = { ...long(), self: { ...context().self, volumes: [data] } };
  expect(await reset.plan(bench.target, {}, ownVolume)).toMatchObject({
    refused: expect.stringContaining("holds the bot's own data"),
  });
  await bench.container('prod', { Labels: { 'pageturner.env': 'prod' } });
  expect(await down.plan(bench.target, {}, long())).toMatchObject({
    refused: expect.stringContaining('is marked prod'),
  });
  expect(await down.plan({ ...bench.bare, sandboxOnly: true }, {}, long())).toMatchObject({
    refused: expect.stringContaining('local mode only changes the sandbox'),
  });
}, 120_000);

test('a file that is another stack’s is refused: it would make that stack’s containers', async () => {
  const file = { ...bench.target.declared.compose[0], name: bench.project, file: bench.file };
  const other = { name: `${bench.project}-bank`, file: bench.file };
  const at = (compose: readonly { name: string; file: string | null }[]) => ({
    ...bench.target,
    declared: declared({ compose }),
  });
  bench.write({ db: '' });
  // Two projects are declared with one file.
  expect(await up.plan(at([file, other]), { project: other.name }, long())).toMatchObject({
    refused: expect.stringContaining(`is that of the project ${bench.project} too`),
  });
  // Only one is declared with it; the other's containers say that they were made from it.
  await bench.container('db', { Labels: { 'com.docker.compose.project.config_files': bench.file } });
  const alone = at([{ ...file, file: null }, other]);
  expect(await up.plan(alone, { project: other.name }, long())).toMatchObject({
    refused: expect.stringContaining(`has made ${bench.project}_db_1 from it`),
  });
  await bench.clear();
  // The file names a container that another project has.
  await bench.container('db');
  bench.write({ cache: `    container_name: ${bench.project}_db_1\n` });
  expect(await up.plan(alone, { project: other.name }, long())).toMatchObject({
    refused: expect.stringContaining(`would make ${bench.project}_db_1, a container of the project`),
  });
  planned(await up.plan(at([file]), {}, long()));
}, 120_000);
