/** The eight HTTP services of moalog's health table, each a small server of its own that can be stopped. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { z } from 'zod';
import { choosePort } from './free-port.ts';
import { keep, readKept } from './kept-file.ts';

interface Answer {
  readonly type: string;
  readonly body: string;
}

const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json';
const HTML = 'text/html; charset=utf-8';
const ready = (body: string): Answer => ({ type: TEXT, body });

/** Paths of each service and what a healthy one answers there. */
const ANSWERS: Readonly<Record<string, Readonly<Record<string, Answer>>>> = {
  'moalog-server': { '/health': ready('healthy') },
  'rate-limiter': { '/actuator/health': { type: JSON_TYPE, body: '{"status":"UP"}' } },
  'fluxpay-engine': {
    '/api/v1/health': { type: JSON_TYPE, body: '{"status":"UP","service":"fluxpay-engine"}' },
  },
  prometheus: {
    '/-/healthy': ready('Prometheus Server is Healthy.\n'),
    '/-/ready': ready('Prometheus Server is Ready.\n'),
  },
  grafana: { '/api/health': { type: JSON_TYPE, body: '{"database":"ok","version":"sandbox"}' } },
  alertmanager: { '/-/healthy': ready('OK'), '/-/ready': ready('OK') },
  loki: { '/ready': ready('ready\n') },
  jaeger: { '/': { type: HTML, body: '<!doctype html><title>Jaeger UI</title>' } },
};

export const SERVICE_NAMES: readonly string[] = Object.keys(ANSWERS);

export interface SandboxServices {
  /** `http://127.0.0.1:PORT` by service. */
  readonly urls: Readonly<Record<string, string>>;
  isRunning(name: string): boolean;
  /** Nothing listens there any more: connection refused. */
  stopService(name: string): Promise<void>;
  startService(name: string): Promise<void>;
  stop(): Promise<void>;
}

const KeptPorts = z.record(z.string(), z.number().int().min(1).max(65535));

/** Starts all, on the ports of last time where they are still free. @throws when a port can't be listened on. */
export async function openServices(dir: string): Promise<SandboxServices> {
  const file = join(dir, 'service-ports.json');
  const before = (await readKept(file, KeptPorts)) ?? {};
  const running = new Map<string, Server>();
  const ports: Record<string, number> = {};
  for (const name of SERVICE_NAMES) {
    const port = await choosePort(before[name] ?? null);
    running.set(name, await serve(name, port));
    ports[name] = port;
  }
  await keep(file, ports);

  const stopService = async (name: string): Promise<void> => {
    const server = running.get(name);
    running.delete(name);
    if (server !== undefined) await close(server);
  };
  return {
    urls: Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, `http://127.0.0.1:${port}`])),
    isRunning: (name) => running.has(name),
    stopService,
    startService: async (name) => {
      const port = ports[name];
      if (port !== undefined && !running.has(name)) running.set(name, await serve(name, port));
    },
    stop: async () => {
      await Promise.all([...running.keys()].map(stopService));
    },
  };
}

function serve(name: string, port: number): Promise<Server> {
  const answers = ANSWERS[name] ?? {};
  const server = createServer((request, response) => answerSoon(answers, request, response));
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(new Error(`${name} can't listen: ${error.message}`, { cause: error })),
    );
    server.listen({ host: '127.0.0.1', port }, () => resolve(server));
  });
}

/** After a few milliseconds, as a service on this machine would. */
function answerSoon(
  answers: Readonly<Record<string, Answer>>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  request.resume();
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  const answer = Object.hasOwn(answers, path) ? answers[path] : undefined;
  setTimeout(
    () => {
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': answer?.type ?? TEXT });
      response.end(request.method === 'HEAD' ? undefined : (answer?.body ?? 'not found\n'));
    },
    2 + Math.random() * 6,
  );
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
