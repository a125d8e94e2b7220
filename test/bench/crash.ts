/** 200 alerts acknowledged while Slack is away, a kill -9, a restart: how long until each is in Slack, and how often. */
import { Agent } from 'undici';
import { startBotProcess } from '../e2e/bot.ts';
import { waitFor } from '../servers/program.ts';
import { peakMb, post } from './load.ts';
import { startSlackStub } from './slack-stub.ts';
import type { Row } from './table.ts';
import { startBenchWorld } from './world.ts';

const ALERTS = 200;
const STORM = 10_000;
const GOAL_MS = 15_000;
const CONNECTIONS = 32;

export async function benchCrash(): Promise<readonly Row[]> {
  const slack = await startSlackStub();
  const world = await startBenchWorld({ SLACK_API_URL: slack.apiUrl });
  const agent = new Agent({ connections: CONNECTIONS });
  const sendAll = async (url: string, tag: string, n: number): Promise<void> => {
    let next = 0;
    const send = async (): Promise<void> => {
      for (let i = next++; i < n; i = next++) await post(agent, url, `${tag}${i}x`);
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, send));
  };
  slack.away = true;
  await sendAll(world.bot.url, 'Crash', ALERTS);
  await world.bot.kill('SIGKILL');
  slack.away = false;
  const begun = performance.now();
  const bot = await startBotProcess({ ...world.env });
  await waitFor('every alert', 60_000, () => slack.posted(/Crash\d+x/gu).size === ALERTS);
  const ms = performance.now() - begun;
  const twice = [...slack.posted(/Crash\d+x/gu).values()].filter((times) => times > 1).length;

  slack.forget();
  const mbBefore = peakMb(bot.pid);
  const stormBegun = performance.now();
  await sendAll(bot.url, 'Storm', STORM);
  await waitFor('every one of the storm', 200_000, () => slack.named(/Storm\d+x/gu) === STORM);
  const stormMs = performance.now() - stormBegun;
  const mb = peakMb(bot.pid);
  await agent.close();
  await bot.kill('SIGTERM');
  await world.stop();
  slack.stop();
  return [
    {
      what: `${ALERTS} acknowledged, kill -9, restart, all in Slack (${twice} twice)`,
      ms,
      baseline: 'the goal',
      baselineMs: GOAL_MS,
    },
    {
      what: `${STORM} groups at once, all named in Slack (${slack.posts()} posts)`,
      ms: stormMs,
      baseline: 'a minute',
      baselineMs: 60_000,
    },
    {
      what: 'peak resident memory, that storm over',
      ms: mb,
      baseline: 'before it',
      baselineMs: mbBefore,
      unit: 'MB',
    },
  ];
}
