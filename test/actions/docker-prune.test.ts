/** docker.prune on a real engine: what goes, what stays and why, and what came into use after the plan. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createDockerPrune } from '../../src/actions/docker-prune/index.ts';
import type { PlanDraft } from '../../src/domain/action.ts';
import type { Target } from '../../src/domain/target.ts';
import { type ContainerBench, startContainerBench } from './container-bench.ts';
import { declared } from './declared.ts';
import { context, planned } from './fixtures.ts';

const kind = createDockerPrune();
const committed = z.object({ Id: z.string() });
const none = async () => {};
const SANDBOX = { 'pageturner.sandbox': 'true' };

let bench: ContainerBench;
let target: Target;
beforeAll(async () => {
  bench = await startContainerBench();
  target = { ...bench.target, service: 'docker', container: null, declared: declared({}) };
}, 180_000);
afterEach(async () => {
  await bench.clear();
  for (const { Id, Name } of await bench.docker.listNetworks()) {
    if (Name.startsWith(bench.prefix)) await bench.docker.getNetwork(Id).remove();
  }
});
afterAll(() => bench?.stop());

const ended = async (name: string, labels: Readonly<Record<string, string>> = {}) => {
  const id = await bench.make(name, { Cmd: ['true'], Labels: { ...labels } });
  await bench.docker.getContainer(id).wait();
  return id;
};
const network = async (name: string, labels: Readonly<Record<string, string>> = SANDBOX) => {
  const Subnet = `10.214.${(process.pid % 200) + 1}.${name.length * 8}/29`;
  const IPAM = { Driver: 'default', Config: [{ Subnet }] };
  const Name = `${bench.prefix}${name}`;
  await bench.docker.createNetwork({ Name, Internal: true, IPAM, Labels: { ...labels } });
  return Name;
};
const names = (draft: PlanDraft) =>
  draft.scope.kind === 'items'
    ? draft.scope.items.flatMap(({ name }) =>
        name.includes(bench.prefix)
          ? [name.replace(bench.prefix, '')]
          : name.startsWith('image ')
            ? [name]
            : [],
      )
    : [];
const own = (draft: PlanDraft): PlanDraft =>
  draft.scope.kind === 'items'
    ? {
        ...draft,
        scope: { ...draft.scope, items: draft.scope.items.filter(({ name }) => name.includes(bench.prefix)) },
      }
    : draft;
const plan = async (changes: Partial<Target> = {}) =>
  planned(await kind.plan({ ...target, ...changes }, {}, context()));

test('stopped containers and unused networks go; running ones, and networks of what stays, do not', async () => {
  await ended('old');
  await bench.make('runs');
  await network('n');
  const used = await network('used');
  await bench.make('waits', { HostConfig: { NetworkMode: used } }, false);
  const draft = await plan();
  expect(names(draft)).toEqual(['container old', 'network n']);
  expect(draft.preview.join('\n')).toContain('made within the last hour and never started');
  expect(draft.undo.kind).toBe('none');
});

test('what the catalog names, its Compose projects label, marks say, and undos need, stays and is said', async () => {
  await ended('app');
  await ended('of-project', { 'com.docker.compose.project': 'moalog' });
  await ended('of-prod', { 'pageturner.env': 'prod' });
  await ended('app-before-20260131T120000Z');
  const part = await ended('part', { 'pageturner.part-of': 'pageturner' });
  await network('of-project', { ...SANDBOX, 'com.docker.compose.project': 'moalog' });
  await ended('old');
  const careful = { composeProjects: ['moalog'], declared: declared({ containers: { app: bench.name } }) };
  const draft = await plan(careful);
  expect(names(draft)).toEqual(['container old']);
  const text = draft.preview.join('\n');
  for (const why of [
    'named in the catalog',
    'Compose project',
    'another environment',
    'as its undo',
    "the bot's own",
  ]) {
    expect(text).toContain(why);
  }
  expect((await bench.state()).part?.id).toBe(part);
});

test('in local mode a newcomer’s own things are counted, not named', async () => {
  await ended('old');
  await ended('holiday', { 'pageturner.sandbox': 'no' });
  const draft = await plan();
  expect(JSON.stringify(draft)).not.toContain('holiday');
  expect(names(await plan({ sandboxOnly: false }))).toContain('container holiday');
});

test('what came into use after the plan stays; the rest goes, each by its id', async () => {
  await ended('a');
  const busy = await bench.make('b', { Cmd: ['sh', '-c', 'sleep 0.1'] });
  await bench.docker.getContainer(busy).wait();
  const joined = await network('n');
  const approved = own(await plan());
  expect(names(approved)).toEqual(['container a', 'container b', 'network n']);
  await bench.docker.getContainer(busy).update({ RestartPolicy: { Name: 'no' } });
  await bench.make('joins', { HostConfig: { NetworkMode: joined } });
  await ended('new');
  const outcome = await kind.execute(target, {}, approved, none, context());
  expect(outcome).toMatchObject({
    state: 'succeeded',
    summary: '2 things removed, 1 kept',
    items: [{ outcome: 'done' }, { outcome: 'done' }, { outcome: 'kept', note: 'a container is in it now' }],
  });
  expect(Object.keys(await bench.state()).sort()).toEqual(['joins', 'new']);
});

test('a nameless image goes unless a container is made of it or it has a name by then', async () => {
  const { docker } = bench;
  const nameless = async (name: string) => {
    const id = await ended(name);
    const { Id } = committed.parse(
      await docker
        .getContainer(id)
        .commit({ changes: `LABEL pageturner.sandbox=true\nLABEL n=${bench.prefix}${name}` }),
    );
    await docker.getContainer(id).remove();
    return Id;
  };
  const [goes, named, used] = [await nameless('one'), await nameless('two'), await nameless('three')];
  const draft = await plan();
  const short = (id: string) => `image ${id.replace('sha256:', '').slice(0, 12)}`;
  expect(names(draft)).toEqual(expect.arrayContaining([goes, named, used].map(short)));
  const approved: PlanDraft = {
    ...draft,
    scope: {
      kind: 'items',
      items: [goes, named, used].map((id) => ({ id: `image:${id}`, name: short(id), note: '' })),
    },
  };
  await docker.getImage(named).tag({ repo: `${bench.prefix}named`, tag: '1' });
  await bench.make('user', { Image: used }, false);
  const outcome = await kind.execute(target, {}, approved, none, context());
  expect(outcome).toMatchObject({
    items: [
      { outcome: 'done', note: 'removed' },
      { outcome: 'kept', note: expect.stringContaining('has a name now') },
      { outcome: 'kept', note: 'a container is made of it now' },
    ],
  });
  await bench.clear();
  await docker.getImage(`${bench.prefix}named:1`).remove();
  await docker.getImage(used).remove();
});
