import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createCommand } from '../../src/actions/command/index.ts';
import type { PlanDraft } from '../../src/domain/action.ts';
import { OutcomeUnknown } from '../../src/domain/outcome-unknown.ts';
import type { Program, Target } from '../../src/domain/target.ts';
import { type DockerEngine, startDocker } from '../servers/docker.ts';
import { waitFor } from '../servers/program.ts';
import { declared, program } from './declared.ts';
import { context, planned, target } from './fixtures.ts';

const kind = createCommand({ TOKEN: 'given-to-it', OTHER: 'not-given' });
const none = async () => {};
const settings = { program: 'job', with: {} };
const prefix = `t${randomBytes(4).toString('hex')}-`;
let engine: DockerEngine;
let image = '';

beforeAll(async () => {
  engine = await startDocker();
  image = await engine.importBusybox();
}, 200_000);
afterEach(async () => {
  const mine = await engine.docker.listContainers({ all: true, filters: JSON.stringify({ name: [prefix] }) });
  for (const { Id } of mine) await engine.docker.getContainer(Id).remove({ force: true });
});

/** Its name. */
async function container(
  name: string,
  labels: Readonly<Record<string, string>> = {},
  binds: readonly string[] = [],
): Promise<string> {
  const made = await engine.docker.createContainer({
    name: `${prefix}${name}`,
    Image: image,
    Cmd: ['sleep', '600'],
    Labels: { ...labels },
    HostConfig: { NetworkMode: 'none', Binds: [...binds] },
  });
  await made.start();
  return `${prefix}${name}`;
}

const having = (name: string, changes: Partial<Program>, more: Partial<Target> = {}): Target =>
  target({
    dockerHost: engine.host,
    declared: declared({ programs: { job: program({ where: { container: name }, ...changes }) } }),
    ...more,
  });
const plan = async (name: string, changes: Partial<Program>): Promise<PlanDraft> =>
  planned(await kind.plan(having(name, changes), settings, context()));

describe('a command in a container', () => {
  test('runs by its argument array, in the container alone, with what it is given', async () => {
    const name = await container('app');
    const changes = { run: ['env'], environment: ['TOKEN'] };
    const draft = await plan(name, changes);
    expect(draft.identity.container_id).toMatch(/^[0-9a-f]{64}$/u);
    expect(draft.scope).toEqual({ kind: 'call', does: `["env"] in container ${name}` });
    const outcome = await kind.execute(having(name, changes), settings, draft, none, context());
    expect(outcome).toMatchObject({ state: 'succeeded', items: [{ outcome: 'done' }] });
    expect(outcome).toHaveProperty('output', expect.stringContaining('TOKEN=given-to-it'));
    expect(outcome).not.toHaveProperty('output', expect.stringContaining('not-given'));
  });

  test('that fails is told with its code and its last lines', async () => {
    const name = await container('app');
    const changes = { run: ['cat', '/no/such/file'] };
    const outcome = await kind.execute(
      having(name, changes),
      settings,
      await plan(name, changes),
      none,
      context(),
    );
    expect(outcome).toMatchObject({
      state: 'failed',
      summary: expect.stringMatching(/exit 1 .*no such file/iu),
    });
  });

  test('is killed inside the container when its time is up', async () => {
    const name = await container('app');
    const changes = { run: ['sleep', '500'] };
    const short = context({ timeoutMs: 3_500 });
    const outcome = await kind.execute(
      having(name, changes),
      settings,
      await plan(name, changes),
      none,
      short,
    );
    expect(outcome).toMatchObject({ state: 'failed', summary: expect.stringContaining('its time was up') });
    const { Processes } = await engine.docker.getContainer(name).top();
    expect(JSON.stringify(Processes)).not.toContain('sleep 500');
  });

  test('that is aborted is of unknown outcome until its time is up', async () => {
    const name = await container('app');
    const changes = { run: ['sleep', '500'] };
    const draft = await plan(name, changes);
    const stop = new AbortController();
    const running = kind.execute(
      having(name, changes),
      settings,
      draft,
      none,
      context({ signal: stop.signal, timeoutMs: 6_000 }),
    );
    const processes = async () => JSON.stringify((await engine.docker.getContainer(name).top()).Processes);
    await waitFor('it to run', 10_000, async () => (await processes()).includes('sleep 500'));
    stop.abort(new Error('it was aborted'));
    await expect(running).rejects.toThrow(OutcomeUnknown);
    await waitFor(
      'it to be killed in the container',
      10_000,
      async () => !(await processes()).includes('sleep 500'),
    );
  });

  test('does not run in a container that was made again under the same name', async () => {
    const name = await container('app');
    const draft = await plan(name, { run: ['true'] });
    await engine.docker.getContainer(name).remove({ force: true });
    await container('app');
    const outcome = await kind.execute(having(name, { run: ['true'] }), settings, draft, none, context());
    expect(outcome).toMatchObject({
      state: 'superseded',
      summary: expect.stringContaining('container_id was'),
    });
  });

  test('that stops between the plan and the act was not run', async () => {
    const name = await container('app');
    const draft = await plan(name, { run: ['true'] });
    const stopIt = () => engine.docker.getContainer(name).kill();
    const outcome = await kind.execute(having(name, { run: ['true'] }), settings, draft, stopIt, context());
    expect(outcome).toMatchObject({ state: 'failed', summary: expect.stringContaining('nothing was run') });
  });

  test('is refused where the bot, its queue or its journal is, and once one of them has taken the name', async () => {
    const volume = `${prefix}journal`;
    const holder = await container('holder', {}, [`${volume}:/data`]);
    const part = await container('part', { 'pageturner.part-of': 'pageturner' });
    const plain = await container('plain');
    const { Id } = await engine.docker.getContainer(plain).inspect();
    const draft = await plan(plain, { run: ['true'] });
    const nobody = context().self;
    const refused = (where: string, self: typeof nobody) =>
      kind.plan(having(where, { run: ['true'] }), settings, context({ self }));
    const own = { refused: expect.stringContaining("is the bot's own: it is never changed from here") };
    expect(await refused(holder, { ...nobody, volumes: [volume] })).toMatchObject(own);
    expect(await refused(part, nobody)).toMatchObject(own);
    expect(await refused(plain, { ...nobody, containerId: Id })).toMatchObject(own);
    expect(await refused(holder, nobody)).not.toHaveProperty('refused');
    expect(await refused(plain, { ...nobody, volumes: [volume] })).not.toHaveProperty('refused');

    await engine.docker.getContainer(plain).remove({ force: true });
    await container('plain', {}, [`${volume}:/data`]);
    const act = vi.fn(none);
    const self = context({ self: { ...nobody, volumes: [volume] } });
    const target = having(plain, { run: ['true'] });
    expect(await kind.execute(target, settings, draft, act, self)).toMatchObject({
      state: 'superseded',
      summary: expect.stringContaining("the bot's own"),
    });
    expect(act).not.toHaveBeenCalled();
    await engine.docker.getContainer(plain).remove({ force: true });
    await engine.docker.getContainer(holder).remove({ force: true });
    await engine.docker.getVolume(volume).remove();
  });

  test('is refused before anybody is asked where it can not run', async () => {
    const name = await container('app', { 'pageturner.env': 'prod' });
    const free = await container('free');
    const refused = async (where: string, changes: Partial<Program>, more: Partial<Target> = {}) => {
      const result = await kind.plan(having(where, changes, more), settings, context());
      return 'refused' in result ? result.refused : 'planned';
    };
    expect(await refused(`${prefix}none`, {})).toContain('there is no container');
    expect(await refused(name, {})).toContain('is marked prod, but the catalog says dev');
    expect(await refused(free, { run: ['make'] })).toContain('there is no program make in the container');
    expect(await refused(free, { run: ['/bin/nothing'] })).toContain('there is no program /bin/nothing');
    expect(await refused(free, { run: ['/bin'] })).toContain('there is no program /bin');
    expect(await refused(free, { run: ['/bin/true'] })).toBe('planned');
    expect(await refused(free, {}, { sandboxOnly: true })).toContain("not labelled as the sandbox's");
    const { Id } = await engine.docker.getContainer(free).inspect();
    const self = { ...context().self, containerId: Id.slice(0, 12) };
    expect(await kind.plan(having(free, {}), settings, context({ self }))).toMatchObject({
      refused: expect.stringContaining("the bot's own"),
    });
    await engine.docker.getContainer(free).kill();
    expect(await refused(free, {})).toContain('does not run: start it first');
    await expect(
      kind.plan(having(free, {}, { dockerHost: 'tcp://127.0.0.1:1' }), settings, context()),
    ).rejects.toThrow('ECONNREFUSED');
  });
});
afterAll(() => engine?.stop());
