/** Alert to message, and alerts a second, beside a bare Bolt route and a bare BullMQ worker on the same machine. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { NODE } from '../e2e/bot.ts';
import { freePort } from '../servers/program.ts';
import { startRedis } from '../servers/redis.ts';
import { type Figures, measure } from './load.ts';
import { type SlackStub, startSlackStub } from './slack-stub.ts';
import type { Row } from './table.ts';
import { startBenchWorld } from './world.ts';

async function measureFloor(
  name: 'bare-bolt' | 'bare-bullmq',
  slack: SlackStub,
  env: Readonly<Record<string, string>>,
): Promise<Figures> {
  const port = await freePort();
  const program = fileURLToPath(new URL(`./floors/${name}.ts`, import.meta.url));
  const child = spawn(NODE, [program], {
    env: { ...process.env, PORT: String(port), SLACK_API_URL: slack.apiUrl, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const figures = await measure(child.pid ?? 0, `http://127.0.0.1:${port}`, slack, 'Floor');
  child.kill('SIGKILL');
  return figures;
}

export async function benchIntake(): Promise<readonly Row[]> {
  const slack = await startSlackStub();
  const redis = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'everysec'] });
  const bolt = await measureFloor('bare-bolt', slack, {});
  const bullmq = await measureFloor('bare-bullmq', slack, { REDIS_URL: redis.url });
  await redis.stop();
  const world = await startBenchWorld({ SLACK_API_URL: slack.apiUrl });
  const ours = await measure(world.bot.pid, world.bot.url, slack, 'Ours');
  await world.stop();
  slack.stop();
  return (
    [
      ['bare Bolt route, nothing kept', bolt],
      ['bare BullMQ worker', bullmq],
    ] as const
  ).flatMap(([baseline, floor]) => [
    { what: 'webhook → chat.postMessage, median', ms: ours.medianMs, baseline, baselineMs: floor.medianMs },
    {
      what: 'webhooks acknowledged a second, 32 connections',
      ms: ours.ackedPerSecond,
      baseline,
      baselineMs: floor.ackedPerSecond,
      unit: '/s',
    },
    { what: 'peak resident memory', ms: ours.peakMb, baseline, baselineMs: floor.peakMb, unit: 'MB' },
  ]);
}
