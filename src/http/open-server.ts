/** The HTTP server: Slack, Alertmanager, health, metrics, and in local mode the workspace. */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';

export interface Readiness {
  readonly ready: boolean;
  readonly journal: string;
  readonly queue: string;
  readonly slack: string;
  readonly process: string;
}

/** Each is there once its part is made: the server listens before. */
export interface Routes {
  slack: RequestListener | null;
  alertmanager: ((req: IncomingMessage, res: ServerResponse) => Promise<void>) | null;
  /** Paths of the local workspace; answers whether the path was its own. */
  workspace: ((req: IncomingMessage, res: ServerResponse) => Promise<boolean>) | null;
  readiness: () => Promise<Readiness>;
  metrics: Registry | null;
}

export const STARTING: Readiness = {
  ready: false,
  journal: 'starting',
  queue: 'starting',
  slack: 'starting',
  process: 'starting',
};

const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;

export interface HttpServer {
  readonly port: number;
  /** Stops taking requests, lets those under way end, then closes what is left. */
  close(): Promise<void>;
}

function json(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json' });
  res.end(JSON.stringify(body));
}

async function route(routes: Routes, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const path = (req.url ?? '/').split('?')[0];
  if (path === '/slack/events' && routes.slack !== null) return void routes.slack(req, res);
  if (path === '/alertmanager' && routes.alertmanager !== null) return routes.alertmanager(req, res);
  if (path === '/healthz') return json(res, 200, { alive: true });
  if (path === '/readyz') {
    const readiness = await routes.readiness();
    return json(res, readiness.ready ? 200 : 503, readiness);
  }
  if (path === '/metrics' && routes.metrics !== null) {
    const text = await routes.metrics.metrics();
    res.writeHead(200, { 'content-type': routes.metrics.contentType });
    res.end(text);
    return;
  }
  if (routes.workspace !== null && (await routes.workspace(req, res))) return;
  json(res, 404, { error: 'there is nothing here' });
}

/** @throws when the address is taken. */
export async function openServer(
  address: { readonly host: string; readonly port: number },
  routes: Routes,
  log: Logger,
): Promise<HttpServer> {
  const server: Server = createServer(
    { headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS },
    (req, res) => {
      route(routes, req, res).catch((error: unknown) => {
        log.error({ err: error, path: req.url }, 'a request failed');
        if (!res.headersSent) json(res, 500, { error: 'this failed; see the log' });
        else res.destroy();
      });
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const late = setTimeout(() => server.closeAllConnections(), 3000);
      await closed;
      clearTimeout(late);
    },
  };
}
