/** The page's three for the whole stack: room on the disk, a clean start with its data, and a start from nothing. */
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import { lastTs, roots, toldAlone } from '../e2e/slack-thread.ts';
import { waitFor } from '../servers/program.ts';
import { containerOf, PROJECT, SERVICES } from './compose-file.ts';
import { eventsSince, now } from './events.ts';
import { IMAGES } from './images.ts';
import {
  approve,
  askFor,
  everSaid,
  type Incident,
  nextStep,
  openIncident,
  reply,
  rootNow,
  unknown,
} from './recover.ts';
import { type CaredFor, startCaredFor } from './start-moalog.ts';
import { keepRow, rowsKept } from './stored-row.ts';

const VOLUMES = ['mysql_data', 'postgres_data', 'redis_data'].map((name) => `${PROJECT}_${name}`);

describe('the whole of the small moalog', { timeout: 180_000 }, () => {
  let moalog: CaredFor;
  beforeAll(async () => {
    moalog = await startCaredFor({
      MOALOG_ENV: 'prod',
      ROLE_TECH_LEAD: `${PEOPLE.lead.id},${PEOPLE.duty.id}`,
      ROLE_DUTY_OFFICER: '',
    });
  }, 180_000);
  afterAll(() => moalog?.stop());

  const volumes = async (): Promise<readonly string[]> =>
    ((await moalog.docker.listVolumes()).Volumes ?? []).map(({ Name }) => Name).sort();
  const names = async (): Promise<readonly string[]> =>
    (await moalog.docker.listContainers({ all: true })).map(({ Names }) => (Names[0] ?? '').slice(1)).sort();

  /**
   * A runbook that no alert opens: asked for by name, its thread has the diagnosis and the option. In production and
   * outside a window it is an emergency only once a second person has confirmed it.
   */
  async function openByName(id: string, parts: readonly RegExp[]): Promise<Incident> {
    const { workspace } = moalog.world;
    const before = lastTs(workspace);
    await workspace.as(PEOPLE.developer.id).command(`/ops run ${id}`);
    await toldAlone(workspace, PEOPLE.developer.id, 'is open', before);
    const root = await waitFor('its root', 20_000, () => roots(workspace).find(({ ts }) => ts > before));
    const diagnosis = await reply(moalog.world, root, ['*Diagnosis* · done', ...parts]);
    await workspace.as(PEOPLE.onCall.id).click(root.ts, 'Confirm');
    await waitFor('it to be confirmed', 20_000, () =>
      rootNow(moalog.world, root).text.includes(`confirmed by <@${PEOPLE.onCall.id}>`),
    );
    return { id: /INC-\d+/u.exec(root.text)?.[0] ?? '', root, diagnosis, labels: {} };
  }

  it('disk-space: the stopped container of nobody goes by its id, the stack’s own stay', async () => {
    const stray = await moalog.docker.createContainer({
      name: 'left-over',
      Image: IMAGES.plain,
      Cmd: ['true'],
      HostConfig: { NetworkMode: 'none' },
    });
    await stray.start();
    await stray.wait();
    await moalog.docker.getContainer(containerOf('jaeger')).stop();
    await moalog.docker.createVolume({ Name: 'left_over' });
    const begun = now();
    const incident = await openIncident(moalog, 'DiskSpaceRunningLow', null, [
      '*Disk space is running low*',
      'The condition is *confirmed*',
      'Remove unused volumes',
    ]);
    const proposed = await nextStep(moalog.world, incident.root, 'Remove unused volumes');
    expect(proposed.text).toContain('asked by the alert');
    const step = await askFor(moalog, incident, 'Remove stopped containers, unused networks and images');
    expect(step.text).toContain('left-over');
    expect(step.text).not.toMatch(/• .*moalog-jaeger/u);
    await approve(moalog, step, 'lead');
    await reply(moalog.world, incident.root, [/STEP-\d+ · ✓ \*done\*/u, 'left-over']);
    await approve(moalog, proposed, 'lead');
    await unknown(moalog, incident);
    expect(await eventsSince(moalog.docker, begun, ['destroy'])).toEqual([
      'destroy left-over',
      'destroy left_over',
    ]);
    expect(await stray.inspect().catch(() => 'gone')).toBe('gone');
    expect(await volumes()).toEqual(VOLUMES);
    await moalog.docker.getContainer(containerOf('jaeger')).start();
  });

  it('full-stack-recovery: everything stops, starts cleanly, and what was stored is still there', async () => {
    await keepRow(moalog.env, 'before the recovery');
    await moalog.docker.getContainer(containerOf('mysql')).kill();
    await moalog.docker.getContainer(containerOf('fluxpay-engine')).kill();
    await waitFor('moalog-server to notice', 10_000, async () => {
      const { body } = await request(`${moalog.env.MOALOG_MOALOG_SERVER_URL}/health`);
      return (await body.text()).includes('unhealthy');
    });
    const begun = now();
    const incident = await openByName('moalog/full-stack-recovery', [
      /🔴 \*MySQL\* \(mysql\) down/u,
      /🔴 \*moalog-server\* \(moalog-server\) down/u,
      /🟢 \*Redis\* \(redis\) up/u,
    ]);
    const down = await askFor(moalog, incident, 'Stop everything, start it cleanly');
    for (const service of SERVICES) expect(down.text).toContain(containerOf(service));
    expect(down.text).toContain('no volume is touched');
    expect(await eventsSince(moalog.docker, begun, ['kill', 'destroy', 'create'])).toEqual([]);
    await approve(moalog, down, 'onCall');
    const up = await reply(moalog.world, incident.root, ['`compose.up` on', '*Who may decide*']);
    expect(await names()).toEqual([]);
    expect(await volumes()).toEqual(VOLUMES);
    await approve(moalog, up, 'onCall');
    await unknown(moalog, incident);
    const said = everSaid(moalog.world, incident.root);
    expect(said.some((text) => /\*waits\* until up, at most 180 s: 1\d\d s left/u.test(text))).toBe(true);
    expect(now() - begun).toBeLessThan(90);
    const all = SERVICES.map(containerOf).sort();
    expect(await eventsSince(moalog.docker, begun, ['destroy'])).toHaveLength(all.length);
    for (const act of ['destroy', 'start'])
      expect([...(await eventsSince(moalog.docker, begun, [act]))].sort()).toEqual(
        all.map((one) => `${act} ${one}`),
      );
    expect(await rowsKept(moalog.env)).toEqual(['before the recovery']);
  });

  it('full-data-reset: in production two tech leads, exactly the approved volumes, and an empty start', async () => {
    await moalog.docker.createVolume({ Name: 'of_somebody_else' });
    const begun = now();
    const incident = await openByName('moalog/full-data-reset', [/🟢 \*MySQL\* \(mysql\) up/u]);
    const reset = await askFor(moalog, incident, 'Remove everything and start again');
    for (const name of VOLUMES) expect(reset.text).toContain(name);
    expect(reset.text).not.toContain('of_somebody_else');
    expect(reset.text).toContain('0 of 2 approvals');
    expect(reset.text).toContain('prod');
    await approve(moalog, reset, 'lead');
    const half = await reply(moalog.world, incident.root, ['1 of 2 approvals']);
    expect(await eventsSince(moalog.docker, begun, ['kill', 'destroy'])).toEqual([]);
    await moalog.world.workspace.as(PEOPLE.duty.id).click(half.ts, 'Approve');
    const up = await reply(moalog.world, incident.root, ['`compose.up` on', '*Who may decide*']);
    const outcome = await reply(moalog.world, incident.root, ['`compose.reset` on', '*Outcome*']);
    // The blocks hold all of it; the text beside them is cut.
    expect(JSON.stringify(outcome.blocks)).toContain('3 of 3 volumes removed');
    for (const name of VOLUMES) expect(JSON.stringify(outcome.blocks)).toContain(`✓ volume ${name}: removed`);
    expect(await volumes()).toEqual(['of_somebody_else']);
    const gone = (await eventsSince(moalog.docker, begun, ['destroy'])).map((line) =>
      line.replace('destroy ', ''),
    );
    expect([...gone].sort()).toEqual([...SERVICES.map(containerOf), ...VOLUMES].sort());
    await approve(moalog, up, 'onCall');
    const seed = await reply(moalog.world, incident.root, ['setup-test-data.sh', '*Who may decide*']);
    await approve(moalog, seed, 'onCall');
    await unknown(moalog, incident);
    await reply(moalog.world, incident.root, ['3 rooms, 12 retrospects']);
    expect(await rowsKept(moalog.env)).toEqual([]);
    expect(await volumes()).toEqual([...VOLUMES, 'of_somebody_else'].sort());
  });
});
