/** The catalog that comes with the bot, held against the tables of the five systems' pages. */
import { describe, expect, test } from 'vitest';
import { createActionKinds } from '../../src/actions/index.ts';
import { formatProblem, loadCatalog } from '../../src/catalog/load.ts';
import { chooseRunbook } from '../../src/domain/choose-runbook.ts';
import { resolveProbe, resolveStep } from '../../src/domain/resolve-step.ts';
import type { Catalog, Runbook, ServiceEntry } from '../../src/domain/runbook.ts';
import { probeKinds } from '../../src/probes/index.ts';

const kinds = { probeKinds, actionKinds: createActionKinds({ undoMaxBytes: 1 }) };

async function load(env: Record<string, string> = {}): Promise<Catalog> {
  const options = { ...kinds, sandboxOnly: false, defaultEnvironment: 'dev' } as const;
  const loaded = await loadCatalog('runbooks', env, options);
  if ('catalog' in loaded) return loaded.catalog;
  throw new Error(loaded.problems.map(formatProblem).join('\n'));
}

/** Its steps as they would be asked now. */
async function resolved(runbook: Runbook | null | undefined) {
  if (!runbook) throw new Error('no runbook was chosen');
  const { system } = runbook;
  const services = (await load()).systems.find(({ name }) => name === system)?.services ?? [];
  const around = { system, services, kinds };
  return {
    diagnose: runbook.diagnose.map((step) => resolveProbe(step, around).step),
    verify: runbook.verify.map((step) => resolveProbe(step, around).step),
    recover: runbook.recover.flatMap(({ steps }) => steps).map((step) => resolveStep(step, {}, around).step),
  };
}

function health(catalog: Catalog, system: string): readonly ServiceEntry[] {
  const services = catalog.systems.find(({ name }) => name === system)?.services ?? [];
  return services.filter(({ probe }) => probe !== null);
}

const row = ({ name, target, probe }: ServiceEntry) => {
  const { path = '' } = probe?.settings ?? {};
  return `${name} ${probe?.probe} ${target.url ?? '-'}${path}`;
};

const TABLES: Readonly<Record<string, readonly string[]>> = {
  moalog: [
    'moalog-server http http://localhost:8090/health',
    'rate-limiter http http://localhost:8082/actuator/health',
    'fluxpay-engine http http://localhost:8081/api/v1/health',
    'redis redis.ping redis://localhost:6379',
    'mysql mysql.ping mysql://root:moalog_local@localhost:3306',
    'postgres postgres.ping postgres://fluxpay@localhost:5432/fluxpay',
    'kafka kafka.brokers kafka://localhost:9092',
    'prometheus http http://localhost:9091/-/healthy',
    'grafana http http://localhost:3001/api/health',
    'alertmanager http http://localhost:9095/-/healthy',
    'loki http http://localhost:3100/ready',
    'jaeger http http://localhost:16686/',
  ],
  mari: [
    'mongodb mongodb.ping mongodb://localhost:27017',
    'mari-server http http://localhost:3003/health',
    'sentinel-inference http http://localhost:3002/health',
    'sentinel-trainer http http://localhost:8083/ready',
    'redis redis.ping redis://localhost:6379',
    'mock-bank-hsm http http://localhost:3001/api/hsm/increment-key',
    'rabbitmq rabbitmq.queue amqp://guest:guest@localhost:5672',
  ],
  'market-data': [
    'api http http://localhost:8000/docs',
    'serving http http://localhost:8080/docs',
    'mlflow http http://localhost:5000/',
    'postgres postgres.ping postgres://postgres@localhost:5432/postgres',
    'kafka kafka.brokers kafka://localhost:9092',
  ],
  'dbis-core': [
    'app http http://localhost:3000/health',
    'postgres postgres.ping postgres://postgres@localhost:5432/dbis_core',
    'tls-receiver tls -',
  ],
  butler: [
    'mongodb mongodb.ping -',
    'prometheus prometheus.ready http://127.0.0.1:9090',
    'llm-api llm.health http://127.0.0.1:8000',
    'grafana http http://127.0.0.1:3000/login',
    'loki loki.ready http://127.0.0.1:3100',
  ],
};

describe('the five systems', () => {
  test.each(Object.entries(TABLES))('%s has the services of its page', async (system, rows) => {
    expect(health(await load(), system).map(row)).toEqual(rows);
  });

  test('every health probe ends after two seconds', async () => {
    const catalog = await load();
    const timeouts = catalog.systems
      .flatMap(({ name }) => health(catalog, name))
      .map(({ probe }) => probe?.timeoutMs);
    expect(new Set(timeouts)).toEqual(new Set([2000]));
  });

  test('what moalog expects of an answer is what its table says', async () => {
    const settings = Object.fromEntries(
      health(await load(), 'moalog').map(({ name, probe }) => [name, probe?.settings]),
    );
    expect(settings['moalog-server']).toEqual({ path: '/health', body: 'healthy' });
    expect(settings['rate-limiter']).toEqual({ path: '/actuator/health', json: { status: 'UP' } });
    expect(settings['fluxpay-engine']).toEqual({ path: '/api/v1/health', status: [200] });
  });

  test('mari-server listens elsewhere in production', async () => {
    const [, server] = health(await load({ MARI_ENV: 'prod' }), 'mari');
    expect(server?.target).toMatchObject({ environment: 'prod', url: 'http://localhost:3000' });
  });

  test('containers are those that the page names', async () => {
    const containers = (await load()).systems
      .find(({ name }) => name === 'moalog')
      ?.services.map(({ name, target }) => [name, target.container]);
    expect(Object.fromEntries(containers ?? [])).toMatchObject({
      redis: 'moalog-redis',
      mysql: 'moalog-mysql',
      postgres: 'fluxpay-postgres',
      kafka: 'fluxpay-kafka',
      'fluxpay-engine': 'fluxpay-engine',
      'rate-limiter': 'moalog-rate-limiter',
      'fluxpay-zookeeper': 'fluxpay-zookeeper',
    });
  });

  test('what is not configured says which variable is missing', async () => {
    const missing = (await load()).systems
      .flatMap(({ services }) => services)
      .filter(({ notConfigured }) => notConfigured !== null)
      .map(({ name, notConfigured }) => [name, notConfigured]);
    expect(missing).toEqual([
      ['mongodb', 'MONGO_PASSWORD is not set'],
      ['tls-receiver', 'DBIS_CORE_TLS_RECEIVER_URL is not set'],
    ]);
  });

  test('the bot’s own variables are not taken for a system’s', async () => {
    const own = {
      DATABASE_URL: 'postgres://own:1/j',
      REDIS_URL: 'redis://own:1',
      PROMETHEUS_URL: 'http://own:1',
    };
    const urls = (await load(own)).systems
      .flatMap(({ services }) => services)
      .map(({ target }) => target.url ?? '');
    expect(urls.filter((url) => url.includes('own:1'))).toEqual([]);
  });

  test('roles come from the environment, and without it nobody has one', async () => {
    expect((await load()).organisation).toMatchObject({ techLead: [], onCall: [], dutyOfficer: [] });
    const env = {
      ROLE_TECH_LEAD: 'ULEAD0001',
      ROLE_ON_CALL: 'UONCALL01, SGROUPLD1,',
      ROLE_DUTY_OFFICER: 'W012AB3CD',
    };
    expect((await load(env)).organisation).toMatchObject({
      techLead: ['ULEAD0001'],
      onCall: ['UONCALL01', 'SGROUPLD1'],
      dutyOfficer: ['W012AB3CD'],
    });
  });

  test('the volumes that the pages name are protected, and the projects of every stack', async () => {
    const { target } = health(await load(), 'butler')[0] ?? {};
    expect(target?.catalogVolumes).toEqual(['mysql_data', 'moalog-server_mysql_data']);
    expect(target?.composeProjects).toEqual(
      expect.arrayContaining([
        'moalog-server',
        'mari-server',
        'mari-sentinel',
        'mock-bank-hsm',
        'market-data',
        'infra',
      ]),
    );
  });
});

describe('objectives and further checks', () => {
  const factsOf = async (name: string) =>
    (await load()).systems.find((system) => system.name === name)?.facts;

  test('market-data has the page’s four, each with a figure', async () => {
    const objectives = (await factsOf('market-data'))?.objectives ?? [];
    expect(objectives.map(({ objective, target, better }) => [objective, target, better])).toEqual([
      ['99.9 %', 99.9, 'higher'],
      ['p50 < 150 ms', 150, 'lower'],
      ['p95 < 300 ms', 300, 'lower'],
      ['retrained every day at 23:00 UTC', 0, 'lower'],
      ['market data younger than 5 minutes', 5, 'lower'],
    ]);
    expect(objectives.every(({ query }) => query !== null && !query.includes('$'))).toBe(true);
  });

  test('mari watches what its page names', async () => {
    const watched = (await factsOf('mari'))?.watches.map(({ name, service }) => `${service}: ${name}`) ?? [];
    for (const what of [
      'mari-server: 5xx of /api/transactions',
      'mari-server: p95 of /api/settlement/process',
      'sentinel-inference: Inference errors',
      'sentinel-inference: Median score',
      'sentinel-inference: Model version',
      'sentinel-trainer: Events consumed, of those published',
    ])
      expect(watched).toContain(what);
  });

  test('no probe ever goes to /predict', async () => {
    const catalog = await load();
    const steps = catalog.systems.flatMap((system) => [
      ...system.services.flatMap(({ probe, checks = [] }) => [...(probe === null ? [] : [probe]), ...checks]),
      ...system.runbooks.flatMap(({ diagnose, verify }) => [...diagnose, ...verify]),
    ]);
    expect(steps.filter(({ settings }) => String(settings.path).includes('predict'))).toEqual([]);
    const api = health(catalog, 'market-data').find(({ name }) => name === 'api');
    expect(api).toMatchObject({
      avoid: ['/predict'],
      notes: [expect.stringContaining('30 requests a minute')],
    });
  });

  test('only the language model’s check costs something', async () => {
    const checks = (await load()).systems.flatMap(({ services }) =>
      services.flatMap((one) => one.checks ?? []),
    );
    expect(checks.filter(({ deep }) => deep).map(({ probe }) => probe)).toEqual(['llm.completion']);
    expect(checks.length).toBeGreaterThan(20);
  });
});

describe('moalog’s runbooks', () => {
  const choose = async (labels: Record<string, string>) =>
    chooseRunbook(await load(), labels)?.runbook ?? null;

  test('memory pressure: the flush is offered, never proposed, and says who else lives there', async () => {
    const runbook = await choose({ alertname: 'HighMemoryUsage', service: 'redis', severity: 'warning' });
    expect(runbook).toMatchObject({
      id: 'moalog/redis-memory-pressure',
      condition: { probe: 'redis.info', holds: { used_percent: '>= 80' } },
      recover: [
        {
          key: 'flush',
          title: 'Flush the cache database',
          propose: false,
          steps: [{ type: 'action', action: 'redis.flushdb', service: 'redis', settings: { db: 0 } }],
        },
      ],
    });
    const { verify } = await resolved(runbook);
    expect(verify.map(({ probe, settings }) => [probe, settings])).toEqual([
      ['redis.ping', {}],
      ['http', { path: '/api/v1/health', status: [200] }],
    ]);
    const redis = health(await load(), 'moalog').find(({ name }) => name === 'redis');
    expect(redis?.sharedWith.join()).toContain('a payment be taken twice');
  });

  test('disk space: the removal is proposed, and asked of the engine itself', async () => {
    expect(
      await choose({ alertname: 'DiskSpaceRunningLow', system: 'moalog', service: 'docker' }),
    ).toMatchObject({
      id: 'moalog/disk-space',
      condition: { probe: 'docker.df', service: 'docker', holds: { removable_volumes: '> 0' } },
      recover: [
        {
          key: 'volumes',
          title: 'Remove unused volumes',
          propose: true,
          steps: [{ type: 'action', action: 'volumes.remove', service: 'docker', settings: {} }],
        },
        { key: 'prune', propose: false },
      ],
    });
  });

  test('service down: the service is the one that the alert names', async () => {
    const runbook = await choose({ alertname: 'ServiceDown', system: 'moalog', service: 'grafana' });
    const { diagnose, recover } = await resolved(runbook);
    expect(diagnose.map(({ probe, service, settings }) => [probe, service, settings])).toEqual([
      ['http', 'grafana', { path: '/api/health', status: [200] }],
      ['docker.container', 'grafana', {}],
      ['docker.logs', 'grafana', { lines: 50 }],
    ]);
    expect(recover).toMatchObject([
      { action: 'docker.restart', service: 'grafana' },
      { probe: 'http', service: 'grafana', withinMs: 120_000 },
    ]);
  });

  test('an alert of another system finds none of them', async () => {
    expect(await choose({ alertname: 'HighMemoryUsage', service: 'redis', system: 'mari' })).toBeNull();
  });
});
