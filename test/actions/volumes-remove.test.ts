import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { engineMarker } from '../../src/actions/volumes-remove/guard.ts';
import { createVolumesRemove } from '../../src/actions/volumes-remove/index.ts';
import type { PlanDraft } from '../../src/domain/action.ts';
import { OutcomeUnknown } from '../../src/domain/outcome-unknown.ts';
import type { Target } from '../../src/domain/target.ts';
import { waitFor } from '../servers/program.ts';
import { type DockerBench, startDockerBench } from './docker-bench.ts';
import { context, planned, target } from './fixtures.ts';

const kind = createVolumesRemove();
const none = async () => {};
const PROJECT = 'com.docker.compose.project';
const SANDBOX = { 'pageturner.sandbox': 'true' };

let bench: DockerBench;
beforeAll(async () => {
  bench = await startDockerBench();
}, 120_000);
afterEach(() => bench.clear());
afterAll(() => bench?.stop());

const plan = async (changes: Partial<Target> = {}): Promise<PlanDraft> =>
  bench.own(planned(await kind.plan({ ...bench.target, ...changes }, {}, context())));
const names = (draft: PlanDraft): readonly string[] =>
  draft.scope.kind === 'items' ? draft.scope.items.map(({ name }) => name.slice(bench.prefix.length)) : [];

describe('the plan of removing volumes', () => {
  test('lists what no container uses, with size and age, and names each by its creation time', async () => {
    await bench.volume('b');
    await bench.volume('a');
    await bench.use(await bench.volume('in-use'));
    const draft = await plan();
    expect(names(draft)).toEqual(['a', 'b']);
    expect(draft.undo).toEqual({ kind: 'none', reason: "a removed volume can't be brought back" });
    expect(draft.identity.engine_id).toMatch(/\S/u);
    const item = draft.scope.kind === 'items' ? draft.scope.items[0] : undefined;
    expect(item?.id).toMatch(/-a@\d{4}-\d\d-\d\dT/u);
    expect(item?.note).toMatch(/^(\d+ B|size unknown) · made .+ ago$/u);
    expect(draft.preview.some((line) => line.startsWith('VOLUME'))).toBe(true);
    expect(draft.preview.join('\n')).toMatch(/total: \d+ volumes?, /u);
    expect(draft.preview.join('\n')).not.toContain('in-use');
  });

  test('keeps what the catalog names, what its Compose projects label, and the bot’s own', async () => {
    await bench.volume('old');
    await bench.volume('mysql_data');
    await bench.volume('stack_redis_data');
    await bench.volume('of-project', { ...SANDBOX, [PROJECT]: 'moalog' });
    await bench.volume('of-another', { ...SANDBOX, [PROJECT]: 'hobby' });
    const own = await bench.volume('own');
    const careful = {
      ...bench.target,
      catalogVolumes: [`${bench.prefix}mysql_data`, 'redis_data'],
      composeProjects: ['moalog'],
    };
    const self = { ...context().self, volumes: [own] };
    const draft = bench.own(planned(await kind.plan(careful, {}, context({ self }))));
    expect(names(draft)).toEqual(['of-another', 'old']);
    const text = draft.preview.join('\n');
    expect(text).toContain('2 unused volumes kept, named in the catalog');
    expect(text).toContain("1 unused volume kept, holding the bot's own data");
    expect(text).toMatch(
      /1 unused volume kept, labelled by a catalogued system's Compose project \(.*of-project\)/u,
    );
  });

  test('in local mode a newcomer’s own volumes are neither in it nor named', async () => {
    await bench.volume('sandbox');
    await bench.volume('holiday-pictures', {});
    const draft = await plan();
    expect(names(draft)).toEqual(['sandbox']);
    expect(JSON.stringify(draft)).not.toContain('holiday-pictures');
    expect(names(await plan({ sandboxOnly: false }))).toEqual(['holiday-pictures', 'sandbox']);
  });

  test('is refused when nothing qualifies', async () => {
    // Other tests use the same engine: what they make is named here as the catalog's, until none is left over.
    await waitFor('a plan of nothing to be refused', 10_000, async () => {
      const { Volumes } = await bench.docker.listVolumes();
      const known = { ...bench.target, catalogVolumes: Volumes.map(({ Name }) => Name) };
      const result = await kind.plan(known, {}, context());
      return 'refused' in result && result.refused.startsWith('no unused volume to remove');
    });
  });

  test('is refused on an engine that is marked for another environment', () => {
    const engine = { id: 'A', name: 'host', markers: ['prod'] };
    expect(engineMarker(engine, target())).toMatchObject({
      refused: expect.stringContaining('is marked prod'),
    });
    expect(engineMarker({ ...engine, markers: ['dev'] }, target())).toEqual({ marker: 'dev' });
    expect(engineMarker({ ...engine, markers: ['dev', 'prod'] }, target())).toHaveProperty('refused');
    expect(engineMarker({ ...engine, id: '' }, target())).toHaveProperty('refused');
  });
});

describe('removing volumes', () => {
  test('removes each that was approved, and nothing else', async () => {
    await bench.volume('a');
    await bench.volume('b');
    const draft = await plan();
    await bench.volume('newer');
    const outcome = await kind.execute(bench.target, {}, draft, none, context());
    expect(outcome).toMatchObject({ state: 'succeeded', summary: '2 volumes removed' });
    expect(await bench.volumes()).toEqual([`${bench.prefix}newer`]);
  });

  test('keeps one that came into use, that was made again, or that the catalog names by now', async () => {
    const [a, b] = [await bench.volume('a'), await bench.volume('b')];
    for (const name of ['c', 'd', 'e']) await bench.volume(name);
    const draft = await plan();
    await bench.use(a);
    await bench.remake(b);
    await bench.docker.getVolume(`${bench.prefix}c`).remove();
    const now = { ...bench.target, catalogVolumes: [`${bench.prefix}d`] };
    const outcome = await kind.execute(now, {}, draft, none, context());
    expect(outcome).toMatchObject({
      state: 'succeeded',
      summary: '1 volume removed, 1 already gone, 3 kept',
      items: [
        { outcome: 'kept', note: 'used by 1 container now' },
        { outcome: 'kept', note: expect.stringContaining('another volume of that name') },
        { outcome: 'done', note: 'already gone' },
        { outcome: 'kept', note: 'named in the catalog' },
        { outcome: 'done', note: 'removed' },
      ],
    });
    expect(await bench.volumes()).toEqual([a, b, `${bench.prefix}d`]);
  });

  test('looks again after it has announced: a volume made again meanwhile stays', async () => {
    const a = await bench.volume('a');
    const draft = await plan();
    const outcome = await kind.execute(bench.target, {}, draft, () => bench.remake(a), context());
    expect(outcome).toMatchObject({ state: 'succeeded', items: [{ outcome: 'kept' }] });
    expect(await bench.volumes()).toEqual([a]);
  });

  test('says that all were gone already, without announcing anything', async () => {
    const a = await bench.volume('a');
    const draft = await plan();
    await bench.docker.getVolume(a).remove();
    const act = () => Promise.reject(new Error('announced'));
    const outcome = await kind.execute(bench.target, {}, draft, act, context());
    expect(outcome).toMatchObject({ state: 'succeeded', summary: '0 volumes removed, 1 already gone' });
  });

  test('is superseded on another engine', async () => {
    await bench.volume('a');
    const draft = { ...(await plan()), identity: { engine_id: 'OTHER', engine_name: 'x' } };
    const outcome = await kind.execute(bench.target, {}, draft, none, context());
    expect(outcome).toMatchObject({
      state: 'superseded',
      summary: expect.stringContaining('engine was OTHER'),
    });
  });

  test('asks the engine to remove volumes by name, without force and without prune, and knows a lost answer', async () => {
    await bench.volume('a');
    await bench.volume('b');
    const draft = await plan();
    const line = await startLine(bench.target.dockerHost, 'carry');
    const through = { ...bench.target, dockerHost: line.host };
    expect(await kind.execute(through, {}, draft, none, context())).toMatchObject({
      state: 'succeeded',
      items: [{ note: 'removed (the answer was lost)' }, { note: 'removed (the answer was lost)' }],
    });
    expect(line.changes).toEqual([`DELETE /volumes/${bench.prefix}a`, `DELETE /volumes/${bench.prefix}b`]);
    await line.stop();
  });

  test('is of unknown outcome when no answer comes and the volume is still there; it is not asked for again', async () => {
    await bench.volume('a');
    await bench.volume('b');
    const draft = await plan();
    const line = await startLine(bench.target.dockerHost, 'swallow');
    const through = { ...bench.target, dockerHost: line.host };
    await expect(kind.execute(through, {}, draft, none, context())).rejects.toThrow(OutcomeUnknown);
    expect(line.changes).toEqual([`DELETE /volumes/${bench.prefix}a`]);
    await line.stop();
  });
});

/**
 * A line to the engine that hangs up on every DELETE: after the engine has done it (`carry`), or without passing it
 * on (`swallow`). All changing calls are noted.
 */
async function startLine(dockerHost: string, deletes: 'carry' | 'swallow') {
  const changes: string[] = [];
  const socketPath = new URL(dockerHost).pathname;
  const server: Server = createServer((incoming, answer) => {
    const { method = 'GET', url: path = '/' } = incoming;
    if (method !== 'GET') changes.push(`${method} ${path}`);
    if (method === 'DELETE' && deletes === 'swallow') {
      incoming.socket.destroy();
      return;
    }
    const outgoing = request({ socketPath, path, method }, (reply) => {
      reply.on('end', () => {
        if (method === 'DELETE') incoming.socket.destroy();
      });
      if (method === 'DELETE') reply.resume();
      else {
        answer.writeHead(reply.statusCode ?? 500, { 'content-type': 'application/json' });
        reply.pipe(answer);
      }
    });
    outgoing.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    host: `tcp://127.0.0.1:${port}`,
    changes,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
