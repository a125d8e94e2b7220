/** The load that every candidate is put under: one alert at a time, then many at once; and what it takes of memory. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { WEBHOOK_TOKEN } from '../e2e/bot.ts';
import { webhookBody } from '../e2e/webhook.ts';
import { waitFor } from '../servers/program.ts';
import type { SlackStub } from './slack-stub.ts';
import { median } from './table.ts';

const ONE_BY_ONE = 200;
const CONNECTIONS = 32;
const SECONDS = 8;
const PAUSE_MS = 10;

export interface Figures {
  /** Webhook → chat.postMessage, median of one at a time. */
  readonly medianMs: number;
  readonly ackedPerSecond: number;
  readonly peakMb: number;
}

export function post(agent: Agent, url: string, alertname: string): Promise<number> {
  const body = JSON.stringify(webhookBody([{ labels: { alertname, system: 'moalog' } }], alertname));
  return agent
    .request({
      origin: url,
      path: '/alertmanager',
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${WEBHOOK_TOKEN}` },
      body,
    })
    .then(async ({ statusCode, body: answer }) => {
      await answer.dump();
      return statusCode;
    });
}

export const peakMb = (pid: number): number =>
  Number(/VmHWM:\s+(\d+) kB/u.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1024;

export async function latency(
  url: string,
  slack: SlackStub,
  tag: string,
  rounds = ONE_BY_ONE,
): Promise<number> {
  const agent = new Agent({ connections: 1 });
  const times: number[] = [];
  for (let i = 0; i < rounds; i += 1) {
    const name = `${tag}${i}x`;
    const seen = slack.seen(name);
    const begun = performance.now();
    await post(agent, url, name);
    times.push((await seen) - begun);
    await sleep(PAUSE_MS);
  }
  await agent.close();
  return median(times);
}

export async function throughput(url: string, tag: string, seconds = SECONDS): Promise<number> {
  const agent = new Agent({ connections: CONNECTIONS, pipelining: 1 });
  const end = performance.now() + seconds * 1000;
  let [acked, n] = [0, 0];
  const send = async (): Promise<void> => {
    while (performance.now() < end) {
      n += 1;
      if ((await post(agent, url, `${tag}${n}y`)) === 200) acked += 1;
    }
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: CONNECTIONS }, send));
  const perSecond = acked / ((performance.now() - begun) / 1000);
  await agent.close();
  return perSecond;
}

/** Resolves once no storm is under way: in one an alert is a line of the storm's thread, not a message. */
export async function calm(url: string): Promise<void> {
  await waitFor('the storm to end', 120_000, async () => {
    const { body } = await request(`${url}/metrics`);
    return /^pageturner_storm 0$/mu.test(await body.text());
  });
}

export async function measure(pid: number, url: string, slack: SlackStub, tag: string): Promise<Figures> {
  await latency(url, slack, `${tag}Warm`, 60);
  const medianMs = await latency(url, slack, `${tag}One`);
  const ackedPerSecond = await throughput(url, `${tag}Many`);
  return { medianMs, ackedPerSecond, peakMb: peakMb(pid) };
}
