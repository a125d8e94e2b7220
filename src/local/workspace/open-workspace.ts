/** The workspace, wired: it speaks Slack's own Web API and sends Slack's own requests, over HTTP. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Standing } from './api/method.ts';
import { answerApi } from './api-route.ts';
import { createBucket } from './bucket.ts';
import { createChangeStreams } from './change-streams.ts';
import { createFaults, type Faults } from './faults.ts';
import { isObject } from './json.ts';
import { answerPage } from './page-route.ts';
import { type Acting, actAs } from './person.ts';
import { parseJson, readBody } from './read-body.ts';
import { createResponseUrls, type ResponseUrls } from './response-urls.ts';
import type { SandboxPanel } from './sandbox-panel.ts';
import { createSocketMode, type SocketMode } from './socket-mode.ts';
import { openStore, type Store } from './store.ts';
import { takeUpload } from './take-upload.ts';
import { createTriggers } from './triggers.ts';

export interface WorkspaceOptions {
  /** Messages survive a restart in this file; null: in memory alone. */
  readonly file: string | null;
  readonly signingSecret: string;
  readonly botToken: string;
  /** With it, Socket Mode can be used: once a connection is open, requests go through it. */
  readonly appToken?: string;
  /** Where the bot takes Slack's requests. */
  readonly eventsUrl: () => string;
  /** The workspace's own address. */
  readonly baseUrl: () => string;
  readonly sandbox?: SandboxPanel;
  readonly log: (message: string, fields?: object) => void;
  /** Messages in one channel, and ten times that for every other method; null: no pace is enforced. */
  readonly pace?: { readonly perSecond: number; readonly burst: number } | null;
}

export interface Workspace {
  /** Answers whether the path was the workspace's. */
  handle(req: IncomingMessage, res: ServerResponse): Promise<boolean>;
  readonly store: Store;
  readonly faults: Faults;
  /** Channels nobody can post in any more, by id. */
  readonly archived: Set<string>;
  /** Channels where only some may post, and the bot isn't one of them, by id. */
  readonly readOnly: Set<string>;
  /** Channels the bot is not in, by id. */
  readonly left: Set<string>;
  /** Milliseconds after its upload in which no block may name a file. */
  readonly slowFiles: { ms: number };
  /** What Slack says of people beyond who is there at first. */
  readonly standing: Standing;
  readonly socketMode: SocketMode;
  as(user: string): Acting;
  close(): Promise<void>;
}

const PREFIX = '/slack-workspace/';
const SLACKS_PACE = { perSecond: 1, burst: 25 };
/** Other methods' tiers allow 20 to 100 a minute with bursts: this is generous. */
const TIMES = 10;

export async function openWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const { signingSecret, botToken, eventsUrl, baseUrl } = options;
  const store = openStore(options.file);
  const triggers = createTriggers();
  const faults = createFaults();
  const archived = new Set<string>();
  const readOnly = new Set<string>();
  const left = new Set<string>();
  const slowFiles = { ms: 0 };
  const standing: Standing = { people: new Map(), enterprise: null };
  const socketMode = createSocketMode(baseUrl);
  const responseUrls = createResponseUrls(store, baseUrl);
  const streams = createChangeStreams(store);
  const pace = options.pace === undefined ? SLACKS_PACE : options.pace;
  const requests = { store, triggers, responseUrls, signingSecret, eventsUrl, socket: socketMode };
  const api = {
    ...{ store, triggers, baseUrl, standing, archived, readOnly, left, slowFiles, botToken, faults },
    appToken: options.appToken ?? null,
    socketMode,
    posting: pace && createBucket(pace),
    calling: pace && createBucket({ perSecond: pace.perSecond * TIMES, burst: pace.burst * TIMES }),
  };
  const page = { ...requests, sandbox: options.sandbox ?? null, streams };

  return {
    store,
    faults,
    archived,
    readOnly,
    left,
    slowFiles,
    standing,
    socketMode,
    as: (user) => actAs(requests, user),
    async handle(req, res) {
      const { pathname: path, searchParams } = new URL(req.url ?? '/', 'http://workspace');
      const [kind = '', name = ''] = path.startsWith(PREFIX) ? path.slice(PREFIX.length).split('/') : [];
      if (req.method === 'POST' && kind === 'api') await answerApi(api, name, req, res);
      else if (req.method === 'POST' && kind === 'response') await takeResponse(responseUrls, name, req, res);
      else if (req.method === 'POST' && kind === 'upload') await takeUpload(store, name, req, res);
      else return answerPage(page, path, searchParams, req, res);
      return true;
    },
    async close() {
      streams.close();
      socketMode.drop();
    },
  };
}

async function takeResponse(
  urls: ResponseUrls,
  id: string,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const body = parseJson((await readBody(req)).toString('utf8'));
  const answer = isObject(body) ? urls.use(id, body) : { status: 400, text: 'invalid_payload' };
  res.writeHead(answer.status, { 'content-type': 'text/plain' });
  res.end(answer.text);
}
