/** The Compose file of a small moalog: the page's containers by their names, on ports of the test's own. */
import { freePort } from '../servers/program.ts';
import { IMAGES } from './images.ts';

export const PROJECT = 'moalog-server';

/** By the catalog's names. */
const CONTAINERS = {
  'moalog-server': 'moalog-server',
  'rate-limiter': 'moalog-rate-limiter',
  'fluxpay-engine': 'fluxpay-engine',
  redis: 'moalog-redis',
  mysql: 'moalog-mysql',
  postgres: 'fluxpay-postgres',
  kafka: 'fluxpay-kafka',
  'fluxpay-zookeeper': 'fluxpay-zookeeper',
  prometheus: 'moalog-prometheus',
  grafana: 'moalog-grafana',
  alertmanager: 'moalog-alertmanager',
  loki: 'moalog-loki',
  jaeger: 'moalog-jaeger',
} as const;
export type Service = keyof typeof CONTAINERS;

export const containerOf = (service: Service): string => CONTAINERS[service];
export const SERVICES: readonly Service[] = Object.keys(CONTAINERS).filter(
  (name): name is Service => name in CONTAINERS,
);
export type Ports = ReadonlyMap<Service, number>;

export async function choosePorts(): Promise<Ports> {
  const ports = new Map<Service, number>();
  for (const service of SERVICES) ports.set(service, await freePort());
  return ports;
}

export interface Behind {
  /** Ports of the servers that stand outside: the containers lead to them. */
  readonly postgres: number;
  readonly kafka: number;
}

/** Seconds that the two take to start, as a JVM would: long enough to be waited for, short enough for a test. */
const JVM_SECONDS = '5';

/** JSON, which is YAML as well. */
export function composeFile(ports: Ports, behind: Behind): string {
  const port = (service: Service): string => String(ports.get(service));
  const app = (service: Service, command: string, environment: object, more: object = {}): object => ({
    container_name: CONTAINERS[service],
    image: IMAGES.plain,
    command: [`/app/${command}`],
    environment: { PORT: port(service), ...environment },
    network_mode: 'host',
    // As the first process of a container a shell never hears SIGTERM: it would be waited for in vain.
    stop_signal: 'SIGKILL',
    ...more,
  });
  const page = (service: Service): object => app(service, 'standing-page', {});
  const password = `\${REDIS_PASSWORD}`;
  const services = {
    'moalog-server': app('moalog-server', 'moalog-server', { MYSQL_PORT: port('mysql') }),
    'rate-limiter': app('rate-limiter', 'rate-limiter', {
      REDIS_PORT: port('redis'),
      REDIS_PASSWORD: password,
      START_SECONDS: JVM_SECONDS,
    }),
    'fluxpay-engine': app(
      'fluxpay-engine',
      'fluxpay-engine',
      { START_SECONDS: JVM_SECONDS },
      { mem_limit: '24m' },
    ),
    redis: {
      container_name: CONTAINERS.redis,
      image: IMAGES.plain,
      command: ['/bin/redis-server', '--port', port('redis'), '--bind', '127.0.0.1', '--dir', '/data'].concat(
        ['--requirepass', password, '--maxmemory', '24mb', '--maxmemory-policy', 'allkeys-lru'],
      ),
      network_mode: 'host',
      volumes: ['redis_data:/data'],
    },
    mysql: {
      container_name: CONTAINERS.mysql,
      image: IMAGES.mysql,
      command: [
        '/usr/sbin/mariadbd',
        '--no-defaults',
        '--user=root',
        '--datadir=/var/lib/mysql',
        `--port=${port('mysql')}`,
        '--bind-address=127.0.0.1',
        '--skip-name-resolve',
        '--socket=/tmp/socket',
        '--init-file=/init.sql',
        '--innodb-buffer-pool-size=16M',
        '--innodb-log-file-size=4M',
        '--performance-schema=off',
        // It would tell of every look at it.
        '--log-warnings=1',
      ],
      network_mode: 'host',
      volumes: ['mysql_data:/var/lib/mysql'],
    },
    'fluxpay-postgres': app(
      'postgres',
      'postgres',
      { BEHIND_PORT: String(behind.postgres) },
      { volumes: ['postgres_data:/var/lib/postgresql'] },
    ),
    'fluxpay-zookeeper': app('fluxpay-zookeeper', 'zookeeper', {}),
    'fluxpay-kafka': app(
      'kafka',
      'kafka',
      { ZOOKEEPER_PORT: port('fluxpay-zookeeper'), BEHIND_PORT: String(behind.kafka) },
      { depends_on: ['fluxpay-zookeeper'] },
    ),
    prometheus: page('prometheus'),
    grafana: page('grafana'),
    alertmanager: page('alertmanager'),
    loki: page('loki'),
    jaeger: page('jaeger'),
  };
  const volumes = { mysql_data: {}, redis_data: {}, postgres_data: {} };
  return JSON.stringify({ version: '2.4', services, volumes }, null, 2);
}
