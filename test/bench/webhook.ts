/** From an alert's webhook to its first message in Slack, one at a time; beside a bare route that keeps nothing. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebClient } from '@slack/web-api';
import type { Workspace } from '../../src/local/workspace/index.ts';
import { BOT_TOKEN } from '../e2e/bot.ts';
import { postRaw, webhookBody } from '../e2e/webhook.ts';
import { median, type Row } from './table.ts';
import { startBenchWorld } from './world.ts';

const ROUNDS = 20;
/** Slack's own pace: a message a second in a channel, and an incident has two. */
const PAUSE_MS = 2200;

async function measure(
  url: string,
  workspace: Workspace,
  tag: string,
  rounds: number,
  pauseMs: number,
): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < rounds; i += 1) {
    const alertname = `${tag}${i}x`;
    const posted = new Promise<number>((resolve) => {
      const stop = workspace.store.onChange(() => {
        if (!workspace.store.messages().some((message) => message.text.includes(alertname))) return;
        stop();
        resolve(performance.now());
      });
    });
    const begun = performance.now();
    await postRaw(url, JSON.stringify(webhookBody([{ labels: { alertname, system: 'moalog' } }], alertname)));
    times.push((await posted) - begun);
    await sleep(pauseMs);
  }
  return times;
}

export async function benchWebhook(): Promise<readonly Row[]> {
  const world = await startBenchWorld();
  const slack = new WebClient(BOT_TOKEN, { slackApiUrl: world.apiUrl });
  const bare = createServer((req, res) => {
    let body = '';
    req.on('data', (part) => {
      body += part;
    });
    req.on('end', () => {
      const text = (JSON.parse(body) as { commonLabels: { alertname: string } }).commonLabels.alertname;
      res.end('{}');
      void slack.chat.postMessage({ channel: 'C0OPSSHRD', text });
    });
  });
  await new Promise<void>((resolve) => bare.listen(0, '127.0.0.1', resolve));
  const bareUrl = `http://127.0.0.1:${(bare.address() as AddressInfo).port}`;
  await measure(world.bot.url, world.workspace, 'Warm', 3, PAUSE_MS);
  const ours = await measure(world.bot.url, world.workspace, 'Ours', ROUNDS, PAUSE_MS);
  await measure(bareUrl, world.workspace, 'BareWarm', 3, 50);
  const floor = await measure(bareUrl, world.workspace, 'Bare', ROUNDS, 50);
  bare.close();

  await world.stop();
  return [
    {
      what: 'webhook → first chat.postMessage, median',
      ms: median(ours),
      baseline: 'bare route, nothing kept',
      baselineMs: median(floor),
    },
  ];
}
