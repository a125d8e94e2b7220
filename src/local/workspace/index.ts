/** The local workspace: Slack's stand-in. It speaks Slack's own Web API and sends Slack's own requests, over HTTP. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerApi, readText } from './api-route.ts';
import { createBucket } from './bucket.ts';
import { createFaults, type Faults } from './faults.ts';
import { answerPage } from './page-route.ts';
import { type Acting, actAs } from './person.ts';
import { createResponseUrls } from './response-urls.ts';
import type { SandboxPanel } from './sandbox-panel.ts';
import { openStore, type Store } from './store.ts';
import { createTriggers } from './triggers.ts';

export interface WorkspaceOptions {
  /** Messages survive a restart in this file; null: in memory alone. */
  readonly file: string | null;
  readonly signingSecret: string;
  readonly botToken: string;
  /** Where the bot takes Slack's requests. */
  readonly eventsUrl: () => string;
  /** The workspace's own address. */
  readonly baseUrl: () => string;
  readonly sandbox?: SandboxPanel;
  readonly log: (message: string, fields?: object) => void;
  /** Null: no pace is enforced. */
  readonly pace?: { readonly perSecond: number; readonly burst: number } | null;
}

export interface Workspace {
  /** Answers whether the path was the workspace's. */
  handle(req: IncomingMessage, res: ServerResponse): Promise<boolean>;
  readonly store: Store;
  readonly faults: Faults;
  /** Channels nobody can post in any more, by id. */
  readonly archived: Set<string>;
  as(user: string): Acting;
  close(): Promise<void>;
}

const API = '/slack-workspace/api/';
const SLACKS_PACE = { perSecond: 1, burst: 25 };

export async function openWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const { signingSecret, botToken, eventsUrl, baseUrl } = options;
  const store = openStore(options.file);
  const triggers = createTriggers();
  const faults = createFaults();
  const archived = new Set<string>();
  const responseUrls = createResponseUrls(store, baseUrl);
  const requests = { store, triggers, responseUrls, signingSecret, eventsUrl };
  const pace = options.pace === undefined ? SLACKS_PACE : options.pace;
  const api = {
    store,
    triggers,
    baseUrl,
    archived,
    botToken,
    faults,
    bucket: pace === null ? null : createBucket(pace),
  };
  const page = { ...requests, sandbox: options.sandbox ?? null };

  return {
    store,
    faults,
    archived,
    as: (user) => actAs(requests, user),
    async handle(req, res) {
      const url = new URL(req.url ?? '/', 'http://workspace');
      const path = url.pathname;
      if (path.startsWith(API) && req.method === 'POST') {
        await answerApi(api, path.slice(API.length), req, res);
        return true;
      }
      if (path.startsWith('/slack-workspace/response/') && req.method === 'POST') {
        const body = JSON.parse((await readText(req)).toString('utf8')) as Record<string, unknown>;
        const answer = responseUrls.use(path.slice('/slack-workspace/response/'.length), body);
        res.writeHead(answer.status, { 'content-type': 'text/plain' });
        res.end(answer.text);
        return true;
      }
      if (path.startsWith('/slack-workspace/upload/') && req.method === 'POST') {
        const file = store.files.get(path.slice('/slack-workspace/upload/'.length));
        const body = await readText(req, 64 * 1024 * 1024);
        if (file !== undefined)
          store.files.set(path.slice('/slack-workspace/upload/'.length), { ...file, body });
        res.writeHead(file === undefined ? 404 : 200);
        res.end('OK');
        return true;
      }
      return answerPage(page, path, url.searchParams, req, res);
    },
    close: async () => undefined,
  };
}

/** A workspace on a port of its own, for tests. `apiUrl` is what SLACK_API_URL takes. */
export async function startWorkspaceServer(options: Omit<WorkspaceOptions, 'baseUrl'>): Promise<{
  readonly url: string;
  readonly apiUrl: string;
  readonly workspace: Workspace;
  stop(): Promise<void>;
}> {
  let port = 0;
  const workspace = await openWorkspace({ ...options, baseUrl: () => `http://127.0.0.1:${port}` });
  const server = createServer((req, res) => {
    workspace.handle(req, res).then(
      (own) => {
        if (!own) res.writeHead(404).end();
      },
      (error: unknown) => {
        options.log('the workspace failed', { error: String(error) });
        res.destroy();
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${port}`,
    apiUrl: `http://127.0.0.1:${port}${API}`,
    workspace,
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
