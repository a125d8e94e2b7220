/** All 32 services of the five systems on this machine: some healthy, some stopped, some with another password, some hostile. */
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect } from 'amqplib';
import { type Authority, days, issue } from '../servers/certificate.ts';
import { startHostile } from '../servers/hostile.ts';
import { startKafka } from '../servers/kafka.ts';
import { startMariadb } from '../servers/mariadb.ts';
import { startMongodb } from '../servers/mongodb.ts';
import { startNginx } from '../servers/nginx.ts';
import { testDatabase } from '../servers/postgres.ts';
import { startPrometheus } from '../servers/prometheus.ts';
import { startRabbitmq } from '../servers/rabbitmq.ts';
import { startRedis } from '../servers/redis.ts';

/** Never to be seen in any output: the right passwords, and the wrong ones that we are configured with. */
export const PASSWORDS = ['right-redis-word', 'wrong-redis-word', 'wrong-postgres-word', 'wrong-mongo-word'];

/** `up`, or a state and what its reason says. */
type Expected = 'up' | readonly [state: 'down' | 'degraded' | 'unknown', reason: RegExp];

export interface FiveSystems {
  readonly env: Record<string, string>;
  /** By `system/service`. */
  readonly expected: Readonly<Record<string, Expected>>;
  readonly prometheusUrl: string;
  stop(): Promise<void>;
}

/** What nginx answers: the pages of healthy services. */
const PAGES = `default_type application/json;
  location = /health { return 200 '{"status":"healthy"}'; }
  location = /actuator/health { return 200 '{"status":"UP"}'; }
  location = /api/v1/health { return 200 'fine'; }
  location = /api/health { return 200 '{"database":"ok"}'; }
  location = /docs { return 200 '<!doctype html>'; }
  location = /ready { return 200 'ready'; }
  location = /api/hsm/increment-key { return 405; }
  location = /-/healthy { return 200 'OK'; }
  location / { return 404; }`;

async function secure(issued: Authority): Promise<{ readonly port: number; stop(): void }> {
  const server = createHttps({ cert: issued.cert, key: issued.key }, (_, response) => response.end('ok'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { port, stop: () => void server.close().closeAllConnections() };
}

async function declareQueue(url: string): Promise<void> {
  const broker = await connect(url);
  const channel = await broker.createChannel();
  await channel.assertQueue('mari-tx-events');
  await broker.close();
}

function withPassword(url: string, password: string): string {
  const other = new URL(url);
  other.password = password;
  return other.href;
}

export async function startFiveSystems(): Promise<FiveSystems> {
  const [redis, openRedis, mariadb, rabbitmq, nginx, prometheus, kafka, mongodb, hostile, one, two] =
    await Promise.all([
      startRedis({ password: 'right-redis-word' }),
      startRedis(),
      startMariadb(),
      startRabbitmq(),
      startNginx(PAGES),
      startPrometheus(),
      startKafka(),
      startMongodb(),
      startHostile(),
      testDatabase(),
      testDatabase(),
    ]);
  await declareQueue(rabbitmq.url);
  const expired = await secure(issue({ names: ['127.0.0.1'], from: days(-20), to: days(-1) }));
  const elsewhere = await secure(issue({ names: ['another.test'] }));
  const at = (port: number, scheme = 'http') => `${scheme}://127.0.0.1:${port}`;
  const { ports, closedPort } = hostile;
  const targets: Readonly<Record<string, readonly [url: string, expected: Expected]>> = {
    'moalog/moalog-server': [nginx.url, 'up'],
    'moalog/rate-limiter': [
      at(ports.http401),
      ['degraded', /answers, but refuses the credentials \(HTTP 401\)/u],
    ],
    'moalog/fluxpay-engine': [at(ports.http500), ['down', /HTTP 503/u]],
    'moalog/redis': [
      withPassword(redis.url, 'wrong-redis-word'),
      ['degraded', /answers, but refuses the credentials \(WRONGPASS\)/u],
    ],
    'moalog/mysql': [mariadb.url, 'up'],
    'moalog/postgres': [
      withPassword(one.url, 'wrong-postgres-word'),
      ['degraded', /answers, but refuses the credentials \(PostgreSQL 28P01\)/u],
    ],
    'moalog/kafka': [kafka.url, 'up'],
    'moalog/prometheus': [prometheus.url, 'up'],
    'moalog/grafana': [at(ports.silent), ['down', /timed out after 2000 ms/u]],
    'moalog/alertmanager': [
      at(ports.drip),
      ['down', /timed out after 2000 ms|not HTTP|does not speak HTTP/u],
    ],
    'moalog/loki': [at(ports.httpFlood), ['down', /more than 1\.0 MiB/u]],
    'moalog/jaeger': [at(ports.redirect), ['down', /redirects more than 3 times/u]],
    'mari/mongodb': [
      withPassword(mongodb.url, 'wrong-mongo-word'),
      ['degraded', /answers, but refuses the credentials/u],
    ],
    'mari/mari-server': [at(ports.reset), ['down', /connection reset/u]],
    'mari/sentinel-inference': [
      at(ports.cutOff),
      ['down', /connection closed before the whole answer came/u],
    ],
    'mari/sentinel-trainer': [at(closedPort), ['down', /connection refused/u]],
    'mari/redis': [openRedis.url, 'up'],
    'mari/mock-bank-hsm': [nginx.url, 'up'],
    'mari/rabbitmq': [rabbitmq.url, 'up'],
    'market-data/api': [at(expired.port, 'https'), ['down', /certificate has expired|self-signed/u]],
    'market-data/serving': [at(elsewhere.port, 'https'), ['down', /certificate is/u]],
    'market-data/mlflow': [at(ports.banner), ['down', /does not speak HTTP/u]],
    'market-data/postgres': [at(mariadb.port, 'postgres'), ['down', /does not speak PostgreSQL/u]],
    'market-data/kafka': [at(ports.silent, 'kafka'), ['down', /timed out after 2000 ms/u]],
    'dbis-core/app': [nginx.url, 'up'],
    'dbis-core/postgres': [two.url, 'up'],
    'dbis-core/tls-receiver': [
      `${at(expired.port, 'tls')}?servername=127.0.0.1`,
      ['down', /certificate has expired/u],
    ],
    'butler/mongodb': [mongodb.url, 'up'],
    'butler/prometheus': [prometheus.url, 'up'],
    'butler/llm-api': [at(ports.http401), ['degraded', /answers, but refuses the credentials \(HTTP 401\)/u]],
    'butler/grafana': [at(ports.flood), ['down', /does not speak HTTP/u]],
    'butler/loki': [at(ports.hangUp), ['down', /connection closed/u]],
  };
  const entries = Object.entries(targets);
  const variable = (id: string) => `${id.replace(/[/-]/gu, '_').toUpperCase()}_URL`;
  return {
    env: Object.fromEntries(entries.map(([id, [url]]) => [variable(id), url])),
    expected: Object.fromEntries(entries.map(([id, [, expected]]) => [id, expected])),
    prometheusUrl: prometheus.url,
    async stop() {
      expired.stop();
      elsewhere.stop();
      const servers = [redis, openRedis, mariadb, rabbitmq, nginx, prometheus, kafka, mongodb, hostile];
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}
