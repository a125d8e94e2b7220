/** The page's own requests: its files, the state it shows, what is done on it. For a browser on this machine alone. */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename, extname } from 'node:path';
import { mimeOf } from './api/show-message.ts';
import type { ChangeStreams } from './change-streams.ts';
import { perform, press } from './page-act.ts';
import { stateFor } from './page-state.ts';
import type { RequestDeps } from './requests.ts';
import type { SandboxPanel } from './sandbox-panel.ts';

export interface PageDeps extends RequestDeps {
  readonly sandbox: SandboxPanel | null;
  readonly streams: ChangeStreams;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const POLICY =
  "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
const FILE = '/slack-workspace/file/';

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

/** What was uploaded is shown as a picture or as plain text, and as nothing that could run. */
function sendUpload({ store }: PageDeps, res: ServerResponse, id: string): void {
  const file = store.files.get(id);
  if (file === undefined || file.state !== 'complete') {
    send(res, 404, { error: 'there is no such file' });
    return;
  }
  const type = mimeOf(file.name);
  res.writeHead(200, {
    'content-type': type === 'text/plain' ? 'text/plain; charset=utf-8' : type,
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  res.end(file.body);
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
  const isPost = req.method === 'POST';
  if (!isOwnBrowser(req)) send(res, 403, { error: 'the local workspace is for a browser on this machine' });
  else if (path === '/') sendFile(res, 'index.html');
  else if (path.startsWith('/slack-workspace/page/')) sendFile(res, basename(path));
  else if (path.startsWith(FILE)) sendUpload(deps, res, path.slice(FILE.length));
  else if (path === '/slack-workspace/state') send(res, 200, await stateFor(deps, query.get('as') ?? ''));
  else if (path === '/slack-workspace/events') deps.streams.open(res);
  else if (path === '/slack-workspace/act' && isPost) send(res, 200, await perform(deps, req));
  else if (path === '/slack-workspace/press' && isPost) send(res, 200, await press(deps, req));
  else send(res, 404, { error: 'there is nothing here' });
  return true;
}
