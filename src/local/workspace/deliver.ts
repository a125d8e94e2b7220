/** How a request reaches the bot: signed, over HTTP, or through an open Socket Mode connection. */
import { createHmac } from 'node:crypto';
import { request } from 'undici';
import type { Json } from './json.ts';

export type RequestKind = 'slash_commands' | 'interactive' | 'events_api';

export interface Sent {
  readonly status: number;
  readonly body: string;
  /** Milliseconds until the bot's answer. */
  readonly ms: number;
}

export interface SocketPort {
  isOpen(): boolean;
  /** The bot's acknowledgement: its payload as text, '' without one. */
  send(kind: RequestKind, payload: Json, signal: AbortSignal): Promise<string>;
}

export interface DeliverDeps {
  readonly signingSecret: string;
  readonly eventsUrl: () => string;
  readonly socket: SocketPort;
}

const TIMEOUT_MS = 3000;

/** Slack's signature, version 0 (docs.slack.dev, "Verifying requests from Slack"). `timestamp`: seconds. */
export function sign(secret: string, timestamp: number, body: string): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
}

function encode(kind: RequestKind, payload: Json): { readonly type: string; readonly body: string } {
  if (kind === 'events_api') return { type: 'application/json', body: JSON.stringify(payload) };
  const form =
    kind === 'interactive'
      ? { payload: JSON.stringify(payload) }
      : Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, String(value)]));
  return { type: 'application/x-www-form-urlencoded', body: new URLSearchParams(form).toString() };
}

/** @throws when the bot can't be reached, or (a `TimeoutError`) does not answer within Slack's three seconds. */
export async function deliver(deps: DeliverDeps, kind: RequestKind, payload: Json): Promise<Sent> {
  const begun = performance.now();
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  if (deps.socket.isOpen()) {
    const body = await deps.socket.send(kind, payload, signal);
    return { status: 200, body, ms: performance.now() - begun };
  }
  const { type, body } = encode(kind, payload);
  const timestamp = Math.floor(Date.now() / 1000);
  const answer = await request(deps.eventsUrl(), {
    method: 'POST',
    headers: {
      'content-type': type,
      'x-slack-request-timestamp': String(timestamp),
      'x-slack-signature': sign(deps.signingSecret, timestamp, body),
    },
    body,
    signal,
  });
  return { status: answer.statusCode, body: await answer.body.text(), ms: performance.now() - begun };
}
