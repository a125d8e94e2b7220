/** The page's own requests: its files, the state it shows, what is done on it. For a browser on this machine alone. */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename, extname } from 'node:path';
import { z } from 'zod';
import { readText } from './api-route.ts';
import { BOT, CHANNELS, channels, everyone } from './people.ts';
import { actAs } from './person.ts';
import type { RequestDeps, Sent } from './requests.ts';
import type { SandboxPanel } from './sandbox-panel.ts';

export interface PageDeps extends RequestDeps {
  readonly sandbox: SandboxPanel | null;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const POLICY =
  "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
const TRIES = [
  'Type “/ops health moalog”: twelve services answer in one message.',
  'Press “Fill Redis” below: a thread opens by itself and says what is wrong.',
  'In the thread, click “Flush the cache database” as Sam, then “Approve” as Tara.',
];

const act = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('command'), as: z.string(), channel: z.string(), text: z.string().max(4000) }),
  z.object({
    kind: z.literal('message'),
    as: z.string(),
    channel: z.string(),
    threadTs: z.string().nullable(),
    text: z.string().min(1).max(4000),
  }),
  z.object({
    kind: z.literal('click'),
    as: z.string(),
    channel: z.string(),
    ts: z.string(),
    blockId: z.string().optional(),
    actionId: z.string(),
  }),
  z.object({
    kind: z.literal('submit'),
    as: z.string(),
    viewId: z.string(),
    values: z.record(z.string(), z.record(z.string(), z.string())),
  }),
  z.object({ kind: z.literal('close'), as: z.string(), viewId: z.string() }),
]);

/** Against other sites in the same browser: the host must be this machine's name, and a POST must come from the page. */
function isOwnBrowser(req: IncomingMessage): boolean {
  const remote = req.socket.remoteAddress ?? '';
  if (!['127.0.0.1', '::1', '::ffff:127.0.0.1'].includes(remote)) return false;
  const host = (req.headers.host ?? '').replace(/:\d+$/u, '');
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(host)) return false;
  return req.method === 'GET' || req.headers['x-workspace'] === '1';
}

function send(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  res.end(JSON.stringify(body));
}

function sendFile(res: ServerResponse, name: string): void {
  const type = TYPES[extname(name)];
  try {
    if (type === undefined) throw new Error('not a file of the page');
    const body = readFileSync(new URL(`./page/${name}`, import.meta.url));
    res.writeHead(200, {
      'content-type': type,
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    res.end(body);
  } catch {
    send(res, 404, { error: 'there is no such file' });
  }
}

/** Answers whether the path was the page's. */
export async function answerPage(
  deps: PageDeps,
  path: string,
  query: URLSearchParams,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<boolean> {
  const isPage = path === '/' || path.startsWith('/slack-workspace/');
  if (!isPage) return false;
  if (!isOwnBrowser(req)) {
    send(res, 403, { error: 'the local workspace is for a browser on this machine' });
    return true;
  }
  if (path === '/') sendFile(res, 'index.html');
  else if (path.startsWith('/slack-workspace/page/')) sendFile(res, basename(path));
  else if (path === '/slack-workspace/state') send(res, 200, await stateFor(deps, query.get('as') ?? ''));
  else if (path === '/slack-workspace/events') streamChanges(deps, req, res);
  else if (path === '/slack-workspace/act' && req.method === 'POST') send(res, 200, await perform(deps, req));
  else if (path === '/slack-workspace/press' && req.method === 'POST') send(res, 200, await press(deps, req));
  else send(res, 404, { error: 'there is nothing here' });
  return true;
}

async function stateFor(deps: PageDeps, as: string): Promise<object> {
  const me = everyone.find((person) => person.id === as) ?? everyone[0];
  const messages = deps.store
    .messages()
    .filter((message) => message.visibleTo === null || message.visibleTo === me?.id)
    .map((message) => ({
      channel: message.channel,
      ts: message.ts,
      threadTs: message.threadTs,
      user: message.user,
      userName:
        message.user === BOT.id
          ? BOT.name
          : (everyone.find((p) => p.id === message.user)?.name ?? message.user),
      isBot: message.user === BOT.id,
      text: message.text,
      blocks: message.blocks?.map((block, i) => ({ block_id: `b${i}`, ...block })) ?? null,
      files: [],
      reactions: [],
      edited: message.edits > 0,
      ephemeral: message.visibleTo !== null,
    }));
  const view = [...deps.store.views.values()].find((candidate) => candidate.user === me?.id);
  return {
    me: me?.id,
    people: everyone,
    channels,
    defaultChannel: CHANNELS.ops.id,
    messages,
    view: view === undefined ? null : { id: view.id, view: view.view },
    sandbox: deps.sandbox === null ? null : await deps.sandbox.state(),
    tries: deps.sandbox === null ? [] : TRIES,
    notice: null,
  };
}

const HEARTBEAT_MS = 1000;

/** Tells the page to look again: at once after a change, and every second for the sandbox's own lines. */
function streamChanges(deps: PageDeps, req: IncomingMessage, res: ServerResponse): void {
  res.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    connection: 'keep-alive',
  });
  let waiting = false;
  const tell = (): void => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      res.write('data: changed\n\n');
    }, 30);
  };
  tell();
  const stopListening = deps.store.onChange(tell);
  const beat = setInterval(tell, HEARTBEAT_MS);
  req.once('close', () => {
    clearInterval(beat);
    stopListening();
  });
}

async function perform(deps: PageDeps, req: IncomingMessage): Promise<object> {
  const parsed = act.safeParse(JSON.parse((await readText(req)).toString('utf8')));
  if (!parsed.success) return { ok: false, error: 'this could not be understood' };
  const { data } = parsed;
  const me = actAs(deps, data.as);
  try {
    switch (data.kind) {
      case 'command':
        return said(await me.command(data.text, data.channel));
      case 'click':
        return said(await me.click(data.ts, data.actionId, { channel: data.channel }));
      case 'submit':
        return said(await me.submit(data.viewId, data.values));
      case 'close':
        me.close(data.viewId);
        return { ok: true };
      case 'message':
        me.say(data.channel, data.threadTs, data.text);
        return { ok: true };
      default:
        return data satisfies never;
    }
  } catch (error) {
    const late = error instanceof Error && error.name === 'TimeoutError';
    return {
      ok: false,
      error: late
        ? 'the bot took longer than 3 seconds'
        : String(error instanceof Error ? error.message : error),
    };
  }
}

function said(sent: Sent): object {
  return sent.status === 200
    ? { ok: true }
    : { ok: false, error: `the bot answered ${sent.status}: ${sent.body.slice(0, 200)}` };
}

async function press(deps: PageDeps, req: IncomingMessage): Promise<object> {
  const parsed = z.object({ id: z.string() }).safeParse(JSON.parse((await readText(req)).toString('utf8')));
  if (!parsed.success || deps.sandbox === null) return { ok: false, error: 'there is no such button' };
  await deps.sandbox.press(parsed.data.id);
  return { ok: true };
}
