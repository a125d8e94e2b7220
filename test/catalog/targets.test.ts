import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { catalogOf, problemsOf, SYSTEM, serviceOf } from './written.ts';

const target = async (env: Record<string, string>, service = 'web', system = SYSTEM) =>
  serviceOf(await catalogOf({ 'shop/system.yaml': system }, env), 'shop', service).target;

describe('SYSTEM_SERVICE_URL', () => {
  test('without it the file has the address', async () => {
    expect(await target({})).toMatchObject({
      url: 'http://localhost:8080',
      container: null,
      environment: 'dev',
    });
  });

  test.each([
    ['http://10.0.0.7:9000', 'http://10.0.0.7:9000'],
    ['http://10.0.0.7:9000/', 'http://10.0.0.7:9000'],
    ['https://example.org/shop/', 'https://example.org/shop'],
    ['http://user:p%40ss@[::1]:80/a', 'http://user:p%40ss@[::1]:80/a'],
    ['  http://a  ', 'http://a'],
  ])('%s becomes the base %s', async (value, url) => {
    expect((await target({ SHOP_WEB_URL: value })).url).toBe(url);
  });

  test('a service whose name begins with the system’s keeps both, and dashes become underscores', async () => {
    const system = SYSTEM.replace('  web:', '  shop-rate-limiter:');
    expect(
      (await target({ SHOP_SHOP_RATE_LIMITER_URL: 'http://b:1' }, 'shop-rate-limiter', system)).url,
    ).toBe('http://b:1');
  });

  test('it can be read from a file', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'pageturner-url-'));
    await writeFile(join(dir, 'url'), 'redis://:from-file@redis:6379/2\n');
    const { url } = await target({ SHOP_REDIS_URL_FILE: join(dir, 'url') }, 'redis');
    await rm(dir, { recursive: true });
    expect(url).toBe('redis://:from-file@redis:6379/2');
  });

  test('"none:" says why a service is not there', async () => {
    const catalog = await catalogOf({}, { SHOP_REDIS_URL: 'none:not part of the sandbox' });
    expect(serviceOf(catalog, 'shop', 'redis')).toMatchObject({
      notConfigured: 'not part of the sandbox',
      target: { url: null },
    });
  });

  test.each([
    [
      'SHOP_REDIS_URL',
      'redis://:100%@127.0.0.1:6379/0',
      'found an address with a % that is no encoded character; expected a % of a name or password written as %25, e.g. SHOP_REDIS_URL=redis://:password@127.0.0.1:6379/0',
    ],
    [
      'SHOP_REDIS_URL',
      'http://a',
      'found an address with http://; expected an address with redis:// or rediss://, e.g. SHOP_REDIS_URL=redis://:password@127.0.0.1:6379/0',
    ],
    [
      'SHOP_REDIS_URL',
      'localhost:6379',
      'found a value that does not begin with a scheme; expected an address with redis://',
    ],
    ['SHOP_WEB_URL', 'http://', 'found an address without a host'],
    [
      'SHOP_WEB_URL',
      'http://a:70000',
      'found an address whose host or port is not valid; expected a host, and a port from 1 to 65535',
    ],
    ['SHOP_WEB_URL', 'http://a b', 'found an address with a blank in it'],
    ['SHOP_WEB_URL', 'http://a,b', 'found an address with several hosts; expected an address with one host'],
    ['SHOP_WEB_URL', 'http://a/?x=1', 'found an address with a query'],
    ['SHOP_WEB_CONTAINER', '../etc', 'found something else; expected a container name'],
    ['SHOP_ENV', 'production', 'found "production"; expected one of dev, test, prod, e.g. SHOP_ENV=prod'],
    ['SHOP_DOCKER_HOST', '/var/run/docker.sock', 'expected the address of a Docker engine with unix:///'],
    ['DOCKER_HOST', 'ssh://host', 'expected the address of a Docker engine with unix:///'],
    [
      'SHOP_WEB_URL_FILE',
      '/no/such/file',
      "SHOP_WEB_URL_FILE: can't read /no/such/file; expected a readable file",
    ],
    ['ROLE_TECH_LEAD', 'tara', '"tara" is no Slack id; expected Slack ids separated by commas'],
  ])('%s=%s is one problem that names the variable', async (variable, value, says) => {
    const problems = await problemsOf({}, { [variable]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toMatch(new RegExp(`^${variable}: `, 'u'));
    expect(problems[0]?.message).toContain(says);
    expect(problems[0]?.variable).toBe(variable.replace('_FILE', ''));
  });

  test('what is wrong is not repeated: it may be a password', async () => {
    const [problem] = await problemsOf({}, { SHOP_REDIS_URL: 'http://:hunter22@a' });
    expect(JSON.stringify(problem)).not.toContain('hunter22');
  });

  test('a variable that all systems read is told once', async () => {
    expect(await problemsOf({ 'store/system.yaml': SYSTEM }, { DOCKER_HOST: 'ssh://host' })).toHaveLength(1);
  });
});

describe('addresses of several hosts, and with a name', () => {
  const kafka =
    'version: 1\ntitle: K\nservices:\n  kafka: { probe: { probe: kafka.brokers } }\n  tls: { probe: { probe: tls } }\n';
  const read = async (env: Record<string, string>, service: string) =>
    serviceOf(await catalogOf({ 'k/system.yaml': kafka }, env), 'k', service);

  test('brokers', async () => {
    expect((await read({ K_KAFKA_URL: 'kafka://a:9092,b:9093' }, 'kafka')).target.url).toBe(
      'kafka://a:9092,b:9093',
    );
  });

  test('a broker without a port is a problem', async () => {
    const [problem] = await problemsOf({ 'k/system.yaml': kafka }, { K_KAFKA_URL: 'kafka://a:9092,b' });
    expect(problem?.message).toBe(
      'K_KAFKA_URL: found an address without a port; expected host:port, e.g. K_KAFKA_URL=kafka://127.0.0.1:9092,127.0.0.1:9093',
    );
  });

  test('a TLS server with the name to ask for', async () => {
    const { target: found } = await read({ K_TLS_URL: 'tls://127.0.0.1:8443?servername=example.org' }, 'tls');
    expect(found.url).toBe('tls://127.0.0.1:8443?servername=example.org');
  });

  test('a service without any address is not configured, and says what would configure it', async () => {
    expect((await read({}, 'tls')).notConfigured).toBe('K_TLS_URL is not set');
  });
});

describe('the environment of a system', () => {
  const byEnvironment = SYSTEM.replace(
    'url: http://localhost:8080',
    'url: { prod: "http://p:1", dev: "http://d:2" }',
  );

  test.each([
    [{}, 'dev', 'http://d:2'],
    [{ SHOP_ENV: 'prod' }, 'prod', 'http://p:1'],
    [{ SHOP_ENV: 'prod', SHOP_WEB_URL: 'http://o:3' }, 'prod', 'http://o:3'],
  ])('%j: %s at %s', async (env: Record<string, string>, environment, url) => {
    expect(await target(env, 'web', byEnvironment)).toMatchObject({ environment, url });
  });

  test('without an address for it the service is not configured', async () => {
    const catalog = await catalogOf({ 'shop/system.yaml': byEnvironment }, { SHOP_ENV: 'test' });
    expect(serviceOf(catalog, 'shop', 'web').notConfigured).toBe(
      'no address for test, and SHOP_WEB_URL is not set',
    );
  });

  test('the variable wins over the file, and the file over the default', async () => {
    const files = { 'shop/system.yaml': SYSTEM.replace('title: Shop', 'title: Shop\nenvironment: test') };
    expect((await catalogOf(files, {}, { defaultEnvironment: 'prod' })).systems[0]?.environment).toBe('test');
    expect((await catalogOf(files, { SHOP_ENV: 'prod' })).systems[0]?.environment).toBe('prod');
    expect((await catalogOf({}, {}, { defaultEnvironment: 'prod' })).systems[0]?.environment).toBe('prod');
  });
});

describe('the engine of a system', () => {
  test.each([
    [{}, 'unix:///var/run/docker.sock'],
    [{ DOCKER_HOST: 'tcp://127.0.0.1:2375' }, 'tcp://127.0.0.1:2375'],
    [
      { DOCKER_HOST: 'tcp://127.0.0.1:2375', SHOP_DOCKER_HOST: 'unix:///run/shop.sock' },
      'unix:///run/shop.sock',
    ],
  ])('%j', async (env: Record<string, string>, dockerHost) => {
    expect((await target(env)).dockerHost).toBe(dockerHost);
  });

  test('it is a service of its own, without an address and without a part in health', async () => {
    const entry = serviceOf(await catalogOf({}, {}, { sandboxOnly: true }), 'shop', 'docker');
    expect(entry).toMatchObject({
      probe: null,
      notConfigured: null,
      target: { url: null, container: null, sandboxOnly: true },
    });
  });

  test('every target knows the volumes and Compose projects of all systems', async () => {
    const store = SYSTEM.replace('[shop]', '[store]').replace('[redis_data]', '[store_db]');
    const found = serviceOf(await catalogOf({ 'store/system.yaml': store }), 'shop', 'docker').target;
    expect(found.composeProjects).toEqual(['shop', 'store']);
    expect(found.catalogVolumes).toEqual(['redis_data', 'shop_redis_data', 'store_db', 'store_store_db']);
  });
});
