/** `POST …/api/METHOD` over HTTP: the token, the pace and the faults before the method itself. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bucket } from './bucket.ts';
import type { Faults } from './faults.ts';
import type { Json } from './store.ts';
import { type Answer, type ApiDeps, METHODS } from './web-api.ts';

export interface ApiRoute extends ApiDeps {
  readonly botToken: string;
  readonly faults: Faults;
  readonly bucket: Bucket | null;
}

const MAX_BYTES = 4 * 1024 * 1024;

export async function readText(req: IncomingMessage, maxBytes = MAX_BYTES): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of req as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > maxBytes) throw new Error('the body is too large');
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Form fields that hold JSON are parsed, as Slack does. */
function readArgs(type: string, body: string): Json {
  if (type.includes('application/json')) return JSON.parse(body) as Json;
  const structured = new Set(['blocks', 'metadata', 'view', 'files', 'attachments']);
  return Object.fromEntries(
    [...new URLSearchParams(body)].map(([name, value]) => [
      name,
      structured.has(name) ? (JSON.parse(value) as unknown) : value,
    ]),
  );
}

function send(res: ServerResponse, status: number, body: Json, headers: Record<string, string> = {}): void {
  res.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  res.end(JSON.stringify(body));
}

export async function answerApi(
  route: ApiRoute,
  method: string,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const args = readArgs(req.headers['content-type'] ?? '', (await readText(req)).toString('utf8'));
  const token = req.headers.authorization?.replace(/^Bearer /u, '') ?? args.token;
  const fault = route.faults.take(method);
  if (fault?.kind === 'delay') await sleep(fault.ms);
  if (fault?.kind === 'reset' && !fault.after) return void req.socket.destroy();
  if (fault?.kind === 'http') return send(res, fault.status, { ok: false, error: 'service_unavailable' });
  if (fault?.kind === 'limited') return refuse(route, method, args, res, fault.retryAfterSeconds);
  const wait = method === 'chat.postMessage' ? (route.bucket?.take(String(args.channel)) ?? 0) : 0;
  if (wait > 0) return refuse(route, method, args, res, wait);
  const answer: Answer =
    token !== route.botToken
      ? { ok: false, error: token === undefined ? 'not_authed' : 'invalid_auth' }
      : fault?.kind === 'error'
        ? { ok: false, error: fault.error }
        : (METHODS[method]?.(route, args) ?? { ok: false, error: 'unknown_method' });
  record(route, method, args, answer.ok ? 'ok' : answer.error);
  if (fault?.kind === 'reset') return void req.socket.destroy();
  if (answer.ok) return send(res, 200, answer);
  send(res, 200, {
    ok: false,
    error: answer.error,
    ...(answer.messages === undefined ? {} : { response_metadata: { messages: answer.messages } }),
  });
}

function refuse(route: ApiRoute, method: string, args: Json, res: ServerResponse, seconds: number): void {
  record(route, method, args, 'ratelimited');
  send(res, 429, { ok: false, error: 'ratelimited' }, { 'retry-after': String(seconds) });
}

function record(route: ApiRoute, method: string, args: Json, answer: string): void {
  route.store.calls.push({ at: Date.now(), method, args, answer });
}
