/** `POST …/api/METHOD` over HTTP: the faults, the token and the pace before the method itself. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, type ApiDeps, no } from './api/method.ts';
import { findMethod } from './api/methods.ts';
import type { Bucket } from './bucket.ts';
import type { Faults } from './faults.ts';
import { isObject, type Json, text } from './json.ts';
import { parseJson, readBody } from './read-body.ts';
import type { SocketMode } from './socket-mode.ts';

export interface ApiRoute extends ApiDeps {
  readonly botToken: string;
  /** Null: no Socket Mode. */
  readonly appToken: string | null;
  readonly socketMode: SocketMode;
  readonly faults: Faults;
  /** One message a second a channel. */
  readonly posting: Bucket | null;
  /** Everything else, by method. */
  readonly calling: Bucket | null;
}

const STRUCTURED = new Set(['blocks', 'metadata', 'view', 'files', 'attachments']);

/** Form fields that hold JSON are parsed, as Slack does; those that don't parse stay text, and are refused as such. */
function readArgs(type: string, body: string): Json | null {
  if (type.includes('application/json')) {
    const value = body === '' ? {} : parseJson(body);
    return isObject(value) ? value : null;
  }
  return Object.fromEntries(
    [...new URLSearchParams(body)].map(([name, value]) => [
      name,
      STRUCTURED.has(name) ? (parseJson(value) ?? value) : value,
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
  const args = readArgs(req.headers['content-type'] ?? '', (await readBody(req)).toString('utf8'));
  const { token: inBody, ...rest } = args ?? {};
  const token = req.headers.authorization?.replace(/^Bearer /u, '') ?? inBody;
  const fault = route.faults.take(method);
  if (fault?.kind === 'delay') await sleep(fault.ms);
  if (fault?.kind === 'reset' && !fault.after) {
    record(route, method, rest, 'reset');
    return void req.socket.destroy();
  }
  if (fault?.kind === 'http') {
    record(route, method, rest, `HTTP ${fault.status}`);
    return send(res, fault.status, { ok: false, error: 'service_unavailable' });
  }
  const wait = fault?.kind === 'limited' ? fault.retryAfterSeconds : secondsToWait(route, method, rest);
  if (wait > 0) {
    record(route, method, rest, 'ratelimited');
    return send(res, 429, { ok: false, error: 'ratelimited' }, { 'retry-after': String(wait) });
  }
  const answer = answerTo(
    route,
    method,
    args === null ? null : rest,
    token,
    fault?.kind === 'error' ? fault.error : null,
  );
  record(route, method, rest, answer.ok ? 'ok' : answer.error);
  if (fault?.kind === 'reset') return void req.socket.destroy();
  if (answer.ok) return send(res, 200, answer);
  send(res, 200, {
    ok: false,
    error: answer.error,
    ...(answer.messages === undefined ? {} : { response_metadata: { messages: answer.messages } }),
  });
}

function secondsToWait(route: ApiRoute, method: string, args: Json): number {
  const bucket = method === 'chat.postMessage' ? route.posting : route.calling;
  return bucket?.take(method === 'chat.postMessage' ? text(args.channel) : method) ?? 0;
}

function answerTo(
  route: ApiRoute,
  name: string,
  args: Json | null,
  token: unknown,
  forced: string | null,
): Answer {
  if (token === undefined) return no('not_authed');
  if (name === 'apps.connections.open') return openConnection(route, token);
  if (token !== route.botToken) return no('invalid_auth');
  if (forced !== null) return no(forced);
  if (args === null) return no('invalid_json');
  return findMethod(name)?.(route, args) ?? no('unknown_method');
}

/** The one method that takes the app's token. */
function openConnection(route: ApiRoute, token: unknown): Answer {
  if (token === route.botToken) return no('not_allowed_token_type');
  if (route.appToken === null || token !== route.appToken) return no('invalid_auth');
  const url = route.socketMode.ticket();
  return url === null ? no('too_many_websockets') : { ok: true, url };
}

function record(route: ApiRoute, method: string, args: Json, answer: string): void {
  route.store.calls.push({ at: Date.now(), method, args, answer });
}
