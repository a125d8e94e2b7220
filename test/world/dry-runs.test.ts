/** Every runbook of every system, dry, against systems that are there: live identity and scope, and nothing changed. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type DryRunner, dryRun } from '../../src/cli/dry-run.ts';
import { loadForTerminal } from '../../src/cli/load.ts';
import { openDryRun } from '../../src/cli/open-dry-run.ts';
import { readParams } from '../../src/domain/params.ts';
import type { Runbook, System } from '../../src/domain/runbook.ts';
import { runCli } from '../e2e/bot.ts';
import { containerOf, SERVICES, type Service } from './compose-file.ts';
import { eventsSince, now } from './events.ts';
import { IMAGES } from './images.ts';
import { type OtherSystems, startOtherSystems } from './other-systems.ts';
import { type Moalog, startMoalog } from './start-moalog.ts';

const CHANGES = ['create', 'start', 'restart', 'stop', 'kill', 'die', 'destroy', 'rename', 'exec_create'];

/** Those that a page of their own restarts. */
const RESTARTED: readonly Service[] = [
  'redis',
  'mysql',
  'kafka',
  'fluxpay-zookeeper',
  'fluxpay-engine',
  'rate-limiter',
];

describe('a dry run against systems that are there', () => {
  let moalog: Moalog;
  let others: OtherSystems;
  let env: Readonly<Record<string, string>>;
  let runner: DryRunner;
  let all: readonly { readonly system: System; readonly runbook: Runbook }[];
  beforeAll(async () => {
    moalog = await startMoalog();
    others = await startOtherSystems(moalog.docker, moalog.env.MOALOG_LOKI_URL ?? '');
    // For the disk: a volume and a container that nobody uses.
    await moalog.docker.createVolume({ Name: 'left_over' });
    const stray = await moalog.docker.createContainer({
      name: 'left-over',
      Image: IMAGES.plain,
      Cmd: ['true'],
      HostConfig: { NetworkMode: 'none' },
    });
    await stray.start();
    await stray.wait();
    env = { ...moalog.env, ...others.env, DOCKER_HOST: moalog.env.MOALOG_DOCKER_HOST ?? '' };
    // In this process the plans take the environment from here, as the terminal's do from theirs.
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    const catalog = await loadForTerminal(env);
    runner = await openDryRun(catalog, env);
    const { systems } = catalog;
    all = systems.flatMap((system) => system.runbooks.map((runbook) => ({ system, runbook })));
  }, 240_000);
  afterAll(async () => {
    vi.unstubAllEnvs();
    await others?.stop();
    await moalog?.stop();
  });

  const plan = (system: System, runbook: Runbook) => {
    const examples = runbook.params.filter(({ standard }) => standard === null);
    const read = readParams(
      runbook.params,
      Object.fromEntries(examples.map(({ name, example }) => [name, example])),
    );
    if ('wrong' in read) throw new Error(read.wrong);
    return dryRun(runner, system, runbook, read.values, null);
  };

  it('plans every runbook of all five, and changes nothing', async () => {
    const before = await others.state();
    const begun = now();
    const failed: string[] = [];
    const planned: string[] = [];
    for (const { system, runbook } of all) {
      const { lines, failed: bad } = await plan(system, runbook);
      if (bad)
        failed.push(
          ...lines
            .filter((line) => line.includes('can’t be planned'))
            .map((line) => `${runbook.id}: ${line}`),
        );
      planned.push(...lines);
    }
    expect(failed).toEqual([]);
    expect(all.length).toBeGreaterThan(60);
    // The very ones that are there, not what a file says of them.
    const text = planned.join('\n');
    for (const service of SERVICES)
      expect(text).toContain(`scope: container ${containerOf(service)} running`);
    for (const service of RESTARTED) {
      const { Id } = await moalog.docker.getContainer(containerOf(service)).inspect();
      expect(text, service).toContain(`container_id ${Id}`);
    }
    for (const name of ['mysql_data', 'redis_data', 'postgres_data'])
      expect(text).toContain(`volume moalog-server_${name}`);
    expect(await eventsSince(moalog.docker, begun, CHANGES)).toEqual([]);
    expect(await others.state()).toEqual(before);
    // Some seventy runbooks, a third of which ask the Compose program.
  }, 240_000);

  it('from the terminal: exit 0 and the plan; exit 1 and the step when its target is stopped or its program is missing', async () => {
    const good = await runCli(['run', 'moalog/kafka-down', '--dry'], env);
    expect(good.stderr).toBe('');
    expect(good.code).toBe(0);
    expect(good.stdout).toMatch(
      /zookeeper \(docker\.restart on moalog\/fluxpay-zookeeper\)\n {4}identity: .*container_id [0-9a-f]{64}/u,
    );
    expect(good.stdout).not.toContain('redis-password-for-tests');

    await moalog.docker.getContainer(containerOf('redis')).stop();
    const stopped = await runCli(['run', 'moalog/redis-memory-pressure', '--dry'], env);
    expect(stopped.stdout).toMatch(/\(redis\.flushdb on moalog\/redis\): can’t be planned: .*refused/iu);
    expect(stopped.code).toBe(1);

    rmSync(join(moalog.folder, 'load-tests'), { recursive: true });
    const missing = await runCli(['run', 'moalog/operations/reseed', '--dry'], env);
    expect(missing.stdout).toMatch(
      /seed \(command on moalog\/.*\): can’t be planned: .*setup-test-data\.sh/u,
    );
    expect(missing.code).toBe(1);
  });
});
