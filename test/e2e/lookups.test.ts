import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type Docker from 'dockerode';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CHANNELS, PEOPLE } from '../../src/local/workspace/people.ts';
import type { Message } from '../../src/local/workspace/store.ts';
import { type DockerEngine, startDocker } from '../servers/docker.ts';
import { testDatabase } from '../servers/postgres.ts';
import { waitFor } from '../servers/program.ts';
import { type PrometheusServer, startPrometheus } from '../servers/prometheus.ts';
import { startWorld, type World } from './bot.ts';
import { lastTs, roots, rootWith, toldAlone } from './slack-thread.ts';

const SECRET = 'a-password-that-was-logged';
const NAMES = { talks: 'lookup-talks', long: 'lookup-long', core: 'lookup-core', worker: 'lookup-worker' };
const sam = PEOPLE.developer.id;

describe('looking things up', () => {
  let engine: DockerEngine;
  let prometheus: PrometheusServer;
  let loki: Server;
  let world: World;
  const asked: URL[] = [];
  const containers: Docker.Container[] = [];

  async function run(name: string, script: string, env: readonly string[] = []): Promise<void> {
    const project = 'lookup-project';
    const container = await engine.docker.createContainer({
      name,
      Labels: { 'com.docker.compose.project': project, 'com.docker.compose.service': name },
      Env: [...env],
      Image: await engine.importBusybox(),
      Cmd: ['sh', '-c', script],
      HostConfig: { NetworkMode: 'none', Memory: 64 * 1024 * 1024 },
    });
    containers.push(container);
    await container.start();
  }
  const command = (line: string) => world.workspace.as(sam).command(line);
  const told = async (line: string, part: string): Promise<Message> => {
    const after = lastTs(world.workspace);
    await command(line);
    return toldAlone(world.workspace, sam, part, after);
  };

  beforeAll(async () => {
    [engine, prometheus] = await Promise.all([
      startDocker(),
      startPrometheus({ jobs: { gone: ['127.0.0.1:1'] } }),
    ]);
    loki = createServer((req, res) => {
      const url = new URL(req.url ?? '/', 'http://loki');
      asked.push(url);
      const now = `${Date.now()}000000`;
      const isNone = url.searchParams.get('query')?.includes('nobody');
      const values = isNone ? [] : [[now, `granted <@U1> with ${SECRET}`]];
      const result = values.length === 0 ? [] : [{ stream: { stream: 'audit' }, values }];
      res.end(JSON.stringify({ status: 'success', data: { resultType: 'streams', result } }));
    });
    await new Promise<void>((resolve) => loki.listen(0, '127.0.0.1', resolve));
    await run(NAMES.talks, `i=0; while true; do i=$((i+1)); echo line $i; sleep 1; done`);
    await run(
      NAMES.long,
      `i=0; while [ $i -lt 500 ]; do i=$((i+1)); echo $i ${SECRET} ${'x'.repeat(150)}; done; sleep 600`,
    );
    await run(NAMES.worker, 'exit 3');
    await run(NAMES.core, 'sleep 600', [
      `SENTINEL_URL=http://:${SECRET}@sentinel:3002`,
      'SENTINEL_FAIL_OPEN=',
      'SENTINEL_THRESHOLD_NOTE=1',
    ]);
    world = await startWorld({
      DATABASE_URL: (await testDatabase()).url,
      DOCKER_HOST: engine.host,
      MOALOG_REDIS_URL: `redis://:${SECRET}@127.0.0.1:1/0`,
      MOALOG_REDIS_CONTAINER: NAMES.talks,
      MOALOG_MYSQL_CONTAINER: NAMES.long,
      MOALOG_COMPOSE_PROJECT: 'lookup-project',
      MARI_MARI_SERVER_CONTAINER: NAMES.core,
      // Set where the bot runs: that says nothing of the containers.
      BANK_BASE_URL: 'http://bank:3001',
      SENTINEL_THRESHOLD: '0.9',
      LLM_MODEL: 'qwen',
      BUTLER_PROMETHEUS_URL: prometheus.url,
      BUTLER_LOKI_URL: `http://127.0.0.1:${(loki.address() as AddressInfo).port}`,
    });
  }, 180_000);
  afterEach(() => world.workspace.faults.clear());
  afterAll(async () => {
    await world?.stop();
    loki?.close();
    await prometheus?.stop();
    for (const container of containers) await container.remove({ force: true });
  });

  it('shows what containers use, as a table and as a picture', async () => {
    await command('/ops stats moalog');
    const table = await rootWith(world.workspace, 'Containers of moalog', 'SERVICE', NAMES.talks);
    expect(table.text).toMatch(/redis +lookup-talks +[\d.]+ +[\d.]+[KM]?B? \/ 64\.0M/u);
    // Those that are not there say so, below the others.
    expect(table.text).toMatch(/kafka +down: No such container/u);
    const shown = await waitFor('its picture', 30_000, () =>
      roots(world.workspace).find(
        (message) => message.ts === table.ts && JSON.stringify(message.blocks).includes('slack_file'),
      ),
    );
    expect(shown.text).toContain('Containers of moalog, as bars');
  });

  it('lists every container of the Compose project, also those that no service of the catalog has', async () => {
    const { text } = await told('/ops ps moalog', 'Containers of moalog');
    expect(text).toContain(`*redis* (\`${NAMES.talks}\`) running`);
    expect(text).toContain('*Others of its Compose projects* (workers, or left behind): 2');
    expect(text).toMatch(
      /• lookup-worker · exited · Exited \(3\).* · lookup-project\/lookup-worker · not in the catalog/u,
    );
  });

  it('says which variables a container has, whatever the bot itself has, and never a value', async () => {
    const { text } = await told('/ops env mari', 'Variables of mari');
    expect(text).toMatch(/\*mari-server\*, container `lookup-core`\n/u);
    expect(text).toContain('`SENTINEL_URL` set');
    for (const name of ['SENTINEL_FAIL_OPEN', 'SENTINEL_THRESHOLD', 'BANK_BASE_URL', 'RABBITMQ_URL'])
      expect(text).toContain(`\`${name}\` *not set*`);
    // Its container isn't there: nothing is known, rather than not set.
    expect(text).toMatch(
      /\*sentinel-trainer\*, container `sentinel-trainer`: can’t know\. No such container/u,
    );
    expect(text).toContain('`HEALTH_PORT` not known');
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain('redacted');
  });

  it('says of variables that no container has whose they are', async () => {
    const { text } = await told('/ops env butler', 'Variables of butler');
    expect(text).toContain('for the commands that Pageturner runs for butler, from its own environment');
    expect(text).toContain('can’t be known here');
    expect(text).toContain('`LLM_MODEL` set');
    expect(text).toContain('`TEST_MONGODB_URL` *not set*');
  });

  it('tells a short log alone', async () => {
    const message = await told('/ops logs moalog redis 5', 'the last 5 lines');
    expect(message.text).toMatch(/line \d+\n/u);
  });

  it('shares a long log as a file in the channel, without secrets, and says so alone', async () => {
    await told('/ops logs moalog mysql 500', 'it is a file in this channel');
    const file = [...world.workspace.store.files.values()].find(({ name }) => name === 'moalog-mysql.log');
    const text = file?.body.toString('utf8') ?? '';
    expect(text.split('\n')).toHaveLength(500);
    expect(text).toContain('[redacted]');
    expect(text).not.toContain(SECRET);
    const shared = roots(world.workspace).find((message) => message.files.includes(file?.id ?? ''));
    expect(shared).toMatchObject({ channel: CHANNELS.ops.id, threadTs: null });
  });

  it('tells the newest lines, and what to do, where a file can’t be shared', async () => {
    world.workspace.left.add(CHANNELS.ops.id);
    const message = await told('/ops logs moalog mysql 500', 'Slack did not take the file');
    world.workspace.left.delete(CHANNELS.ops.id);
    expect(message.text).toContain('Invite the bot');
    expect(message.text).toContain('500 [redacted]');
    expect(message.text).not.toContain(SECRET);
  });

  it('reads a few lines of every service where none is named', async () => {
    const message = await told('/ops logs moalog', '== redis ==');
    expect(message.text).toMatch(/line \d+/u);
    expect(message.text).toContain('== kafka ==\ndown: No such container');
  });

  it('follows a log in one message, through a kill, and ends by itself', async () => {
    await command('/ops logs moalog redis follow 12s');
    const root = await rootWith(world.workspace, 'Log of moalog / redis', 'line');
    const now = () => world.workspace.store.find(root.channel, root.ts)?.text ?? '';
    const newest = (): number =>
      Math.max(...[...now().matchAll(/line (\d+)/gu)].map((match) => Number(match[1])));
    const first = newest();
    await waitFor('newer lines', 20_000, () => newest() > first);
    await world.restart('SIGKILL');
    const before = newest();
    await waitFor('newer lines from another process', 60_000, () => newest() > before);
    await waitFor('its end', 60_000, () => now().includes('no longer followed'));
    expect(roots(world.workspace).filter((m) => m.text.includes('Log of moalog / redis'))).toHaveLength(1);
  });

  it('asks Loki for what was typed, also on a phone, and says when there is nothing', async () => {
    const message = await told('/ops loki butler {stream=“audit”} |= "a &lt; b" 15m', 'granted');
    expect(message.text).toContain('granted &lt;@U1&gt; with [redacted]');
    expect(asked.at(-1)?.searchParams.get('query')).toBe('{stream="audit"} |= "a < b"');
    expect(asked.at(-1)?.searchParams.get('since')).toBe('15m');
    await told('/ops loki butler {stream="nobody"}', 'No lines.');
    expect(asked.at(-1)?.searchParams.get('since')).toBe('60m');
  });

  it('shows what Prometheus scrapes, what is down first', async () => {
    await waitFor('the first scrapes', 30_000, async () => {
      const message = await told('/ops targets butler', 'Targets of butler');
      return message.text.includes('1 of 2 up, 1 down');
    });
    const message = await told('/ops targets butler', '1 of 2 up, 1 down');
    const lines = message.text.split('\n');
    expect(lines[1]).toMatch(/STATE +JOB +INSTANCE +LAST ERROR/u);
    expect(lines[2]).toMatch(/^down +gone +127\.0\.0\.1:1 +Get .*connection refused/u);
    expect(lines[3]).toMatch(/^up +prometheus/u);
  });

  it.each([
    ['/ops stats', 'Which system?'],
    ['/ops stats nobody', 'There is no system'],
    ['/ops stats moalgo', 'Did you mean `moalog`?'],
    ['/ops logs moalog redis 501', 'is not a number from 1 to 500'],
    ['/ops logs moalog redis follow 6m', 'is not a duration from 5 s to 5 min'],
    ['/ops logs moalog redis follow soon', 'is not a duration'],
    ['/ops loki butler', 'Type a LogQL query'],
    ['/ops loki butler {stream="audit"} 25h', 'is not a duration from 1m to 24h'],
    ['/ops loki mari {stream="audit"}', 'has no service `loki`'],
    ['/ops targets mari', 'has no service `prometheus`'],
  ])('says what is wrong with %s', async (line, part) => {
    await told(line, part);
  });
});
