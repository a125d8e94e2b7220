/** The right state and a true reason for each of the 32 services, at a terminal and in Slack. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PEOPLE } from '../../src/local/workspace/people.ts';
import { testDatabase } from '../servers/postgres.ts';
import { runCli, startWorld, type World } from './bot.ts';
import { type FiveSystems, PASSWORDS, startFiveSystems } from './five-systems.ts';
import { lastTs, rootWith, toldAlone } from './slack-thread.ts';

const report = z.object({
  system: z.string(),
  at: z.iso.datetime(),
  services: z.array(
    z.object({
      service: z.string(),
      state: z.enum(['up', 'degraded', 'down', 'unknown']),
      latencyMs: z.number().nullable(),
      reason: z.string().nullable(),
    }),
  ),
});

let systems: FiveSystems;
beforeAll(async () => {
  systems = await startFiveSystems();
}, 180_000);
afterAll(() => systems.stop());

const withoutPasswords = (text: string): void => {
  for (const password of [...PASSWORDS, 'open-sesame']) expect(text).not.toContain(password);
};

describe('pageturner health', () => {
  it('finds each of the 32 services as it is, within its time, and shows no password', async () => {
    const begun = performance.now();
    const { code, stdout, stderr } = await runCli(['health', '--json'], systems.env);
    const took = performance.now() - begun;
    const reports = z.array(report).parse(JSON.parse(stdout));
    const found = Object.fromEntries(
      reports.flatMap(({ system, services }) =>
        services.map((line) => [`${system}/${line.service}`, line] as const),
      ),
    );
    expect(Object.keys(found).sort()).toEqual(Object.keys(systems.expected).sort());
    expect(reports.map(({ services }) => services.length)).toEqual([5, 3, 7, 5, 12]);
    const wrong = Object.entries(systems.expected).filter(([id, expected]) => {
      const line = found[id];
      if (expected === 'up') return line?.state !== 'up' || line.reason !== null;
      return line?.state !== expected[0] || !expected[1].test(line.reason ?? '');
    });
    expect(wrong.map(([id, expected]) => ({ id, expected: String(expected), found: found[id] }))).toEqual([]);
    expect(code).toBe(1);
    expect(took).toBeLessThan(10_000);
    withoutPasswords(stdout + stderr);
  });

  it('ends with 1 only when something is down, with 0 when nothing is, and with 2 for a name nobody has', async () => {
    const health = (...args: string[]) => runCli(['health', ...args], systems.env);
    expect(await health('moalog', 'mysql')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/mysql +up/u),
    });
    expect(await health('moalog', 'redis')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('degraded'),
    });
    expect(await health('moalog', 'loki')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('down'),
    });
    expect(await health('moalgo')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Did you mean moalog?'),
    });
    expect(await health('moalog', 'reddis')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('redis'),
    });
    expect(await health('--yaml')).toMatchObject({ code: 2 });
  });
});

describe('/ops health', () => {
  let world: World;
  beforeAll(async () => {
    const { url } = await testDatabase();
    world = await startWorld({ ...systems.env, DATABASE_URL: url, PROMETHEUS_URL: systems.prometheusUrl });
  }, 60_000);
  afterAll(() => world.stop());
  const ask = async (text: string, ...parts: readonly string[]) => {
    await world.workspace.as(PEOPLE.developer.id).command(text);
    return rootWith(world.workspace, ...parts);
  };

  it('answers with one line for each of the five systems, and names who is not up', async () => {
    const { text } = await ask('/ops health', 'Health of every system', '32 of 32 answered');
    const lines = text.split('\n').filter((line) => /^\S+ \*/u.test(line));
    expect(lines).toHaveLength(5);
    for (const [id, expected] of Object.entries(systems.expected)) {
      const [system, service] = id.split('/');
      const line = lines.find((candidate) => candidate.includes(`*${system}*`)) ?? '';
      if (expected === 'up') expect(line).not.toMatch(new RegExp(`[ ,]${service} (up|down|degraded)`, 'u'));
      else expect(line).toContain(`${service} ${expected[0]}`);
    }
  });

  it.each([
    ['moalog', 12],
    ['mari', 7],
    ['market-data', 5],
    ['dbis-core', 3],
    ['butler', 5],
  ])('answers for %s with a line for each service, its state and why', async (system, count) => {
    const { text } = await ask(
      `/ops health ${system}`,
      `Health of ${system}`,
      `${count} of ${count} answered`,
    );
    for (const [id, expected] of Object.entries(systems.expected)) {
      const [of, service] = id.split('/');
      if (of !== system) continue;
      const line = text.split('\n').find((candidate) => candidate.includes(`*${service}*`)) ?? '';
      if (expected === 'up') expect(line).toMatch(/ up/u);
      else {
        expect(line).toContain(` ${expected[0]}`);
        expect(line).toMatch(expected[1]);
      }
    }
  });

  it('says which objectives have no data, and why', async () => {
    const { text } = await rootWith(world.workspace, 'Health of market-data', 'Objectives');
    expect(text).toMatch(/\? no data: the query finds nothing · .*Latency p95/u);
  });

  it('shows objectives and watches alone, to whoever asks', async () => {
    const after = lastTs(world.workspace);
    await world.workspace.as(PEOPLE.developer.id).command('/ops slo mari');
    const told = await toldAlone(world.workspace, PEOPLE.developer.id, 'Watches', after);
    expect(told.text).toContain('5xx of /api/settlement/process');
    expect(told.text).toContain('Model version');
  });

  it('asks the further checks of one service, and shows what the catalog notes of it', async () => {
    const { text } = await ask(
      '/ops health mari redis',
      'Health of mari',
      '1 of 1 answered',
      'Further checks',
    );
    expect(text).toMatch(/⚠ The model store holds something degraded.*total is 0, should be &gt; 0/u);
    expect(text).toContain('set MARI_REDIS_URL instead');
  });

  it('passed no limit of Slack’s, and showed no password', () => {
    const refused = world.workspace.store.calls.filter((call) => call.answer !== 'ok');
    expect(refused.map((call) => `${call.method}: ${call.answer}`)).toEqual([]);
    withoutPasswords(JSON.stringify(world.workspace.store.messages()));
    withoutPasswords(world.bot.output());
  });
});
