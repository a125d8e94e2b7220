/** Posts to the bot's webhook as Alertmanager does. */
import { createHash } from 'node:crypto';
import { request } from 'undici';
import { WEBHOOK_TOKEN, type World } from './bot.ts';

export interface AlertDraft {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly status?: 'firing' | 'resolved';
  readonly startsAt?: string;
  readonly generatorURL?: string;
}

const STARTED = '2026-01-10T03:00:00.000Z';

export function webhookBody(alerts: readonly AlertDraft[], groupKey?: string): object {
  const first = alerts[0]?.labels ?? {};
  return {
    version: '4',
    groupKey: groupKey ?? `{}:{alertname="${first.alertname}", service="${first.service}"}`,
    truncatedAlerts: 0,
    status: alerts.some((alert) => alert.status !== 'resolved') ? 'firing' : 'resolved',
    receiver: 'bot',
    groupLabels: { alertname: first.alertname },
    commonLabels: first,
    commonAnnotations: alerts[0]?.annotations ?? {},
    externalURL: 'http://alertmanager.invalid',
    alerts: alerts.map((alert) => ({
      status: alert.status ?? 'firing',
      labels: alert.labels,
      annotations: alert.annotations ?? {},
      startsAt: alert.startsAt ?? STARTED,
      endsAt: alert.status === 'resolved' ? new Date().toISOString() : '0001-01-01T00:00:00Z',
      generatorURL: alert.generatorURL ?? 'http://prometheus.invalid/graph',
      fingerprint: createHash('sha256').update(JSON.stringify(alert.labels)).digest('hex').slice(0, 16),
    })),
  };
}

export async function postRaw(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>> = { authorization: `Bearer ${WEBHOOK_TOKEN}` },
): Promise<{ status: number; text: string }> {
  const answer = await request(`${url}/alertmanager`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  return { status: answer.statusCode, text: await answer.body.text() };
}

/** @throws unless the bot answers 200. */
export async function sendAlerts(
  world: Pick<World, 'bot'>,
  alerts: readonly AlertDraft[],
  groupKey?: string,
): Promise<void> {
  const { status, text } = await postRaw(world.bot.url, JSON.stringify(webhookBody(alerts, groupKey)));
  if (status !== 200) throw new Error(`the webhook answered ${status}: ${text}`);
}
