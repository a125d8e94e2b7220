import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatProblem } from '../../src/catalog/problem.ts';
import { catalogOf, problemsOf, SYSTEM, serviceOf } from './written.ts';

describe('variables in an address', () => {
  test('a password stays one, whatever characters it has, and is known as a secret in both forms', async () => {
    const catalog = await catalogOf({}, { SHOP_REDIS_PASSWORD: 'p@ss/w:rd#1' });
    expect(serviceOf(catalog, 'shop', 'redis').target.url).toBe(
      'redis://:p%40ss%2Fw%3Ard%231@localhost:6379',
    );
    expect(new Set(catalog.secrets)).toEqual(new Set(['p@ss/w:rd#1', 'p%40ss%2Fw%3Ard%231']));
  });

  test('without a value and with an empty default nothing is left of the user and password', async () => {
    expect(serviceOf(await catalogOf(), 'shop', 'redis').target.url).toBe('redis://localhost:6379');
  });

  test('an empty value counts as none', async () => {
    const catalog = await catalogOf({}, { SHOP_REDIS_PASSWORD: '' });
    expect(serviceOf(catalog, 'shop', 'redis').target.url).toBe('redis://localhost:6379');
  });

  test('NAME_FILE is read, trimmed, and its content is a secret', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'pageturner-secret-'));
    await writeFile(join(dir, 'password'), 'from-a-file\n');
    const catalog = await catalogOf({}, { SHOP_REDIS_PASSWORD_FILE: join(dir, 'password') });
    await rm(dir, { recursive: true });
    expect(serviceOf(catalog, 'shop', 'redis').target.url).toBe('redis://:from-a-file@localhost:6379');
    expect(catalog.secrets).toEqual(['from-a-file']);
  });

  test('one without a value and without a default leaves the service not configured', async () => {
    const system = SYSTEM.replace('PASSWORD:-}', 'PASSWORD}');
    const entry = serviceOf(await catalogOf({ 'shop/system.yaml': system }), 'shop', 'redis');
    expect(entry).toMatchObject({ notConfigured: 'SHOP_REDIS_PASSWORD is not set', target: { url: null } });
  });

  test('a whole address, host or port may come from one', async () => {
    const system = SYSTEM.replace(
      'http://localhost:8080',
      `http://\${SHOP_HOST:-localhost}:\${SHOP_PORT:-8080}`,
    );
    const env = { SHOP_HOST: 'web.example.org' };
    expect(serviceOf(await catalogOf({ 'shop/system.yaml': system }, env), 'shop', 'web').target.url).toBe(
      'http://web.example.org:8080',
    );
  });

  test('runbooks are taken as they are written', async () => {
    const runbook = `version: 1\ntitle: "\${SHOP_REDIS_PASSWORD}"\n`;
    const catalog = await catalogOf({ 'shop/a.yaml': runbook }, { SHOP_REDIS_PASSWORD: 'hunter22' });
    expect(catalog.systems[0]?.runbooks[0]?.title).toBe(`\${SHOP_REDIS_PASSWORD}`);
  });
});

describe('what is known as a secret', () => {
  const secrets = async (env: Record<string, string>) => [...(await catalogOf({}, env)).secrets].sort();

  test('a password in an override', async () => {
    expect(await secrets({ SHOP_WEB_URL: 'http://u:hunter22@a' })).toEqual(['hunter22']);
  });

  const PROGRAM = `programs:
  export:
    says: writes a file
    run: [export]
    in: { folder: "/srv" }
    environment: [SHOP_REGION, SHOP_LICENCE, SHOP_WHERE]
    public: [SHOP_REGION]
calls:
  tell:
    says: tells the shop
    service: web
    method: POST
    path: /tell
    headers: { x-shop: "for \${SHOP_CODE}", x-shown: "\${SHOP_REGION}" }
    public: [SHOP_REGION]
`;

  test('what a program or a call is given from outside, unless the file marks it public or it is plainly an address', async () => {
    const env = {
      SHOP_REGION: 'eu-west-4b',
      SHOP_LICENCE: 'L1c-4471-x',
      SHOP_WHERE: 'http://shop.example:8080/api',
      SHOP_CODE: 'Zebra 44',
    };
    const { secrets: known } = await catalogOf({ 'shop/system.yaml': `${SYSTEM}${PROGRAM}` }, env);
    expect([...known].sort()).toEqual(['L1c-4471-x', 'Zebra 44']);
  });

  test('a token in its query', async () => {
    expect(await secrets({ SHOP_REDIS_URL: 'redis://a?password=in-query' })).toEqual(['in-query']);
  });

  test('nothing shorter than four characters', async () => {
    expect(await secrets({ SHOP_REDIS_PASSWORD: 'abc' })).toEqual([]);
  });

  test('no name that people must be able to read', async () => {
    expect(await secrets({ SHOP_REDIS_PASSWORD: 'redis' })).toEqual([]);
    expect(await secrets({ SHOP_REDIS_URL: 'redis://guest:guest@a' })).toEqual([]);
  });

  test('and none of it is in a problem', async () => {
    const runbook = 'version: 1\ntitle: x\nescalate: { after: hunter22, to: on-call }\n';
    const problems = await problemsOf({ 'shop/a.yaml': runbook }, { SHOP_REDIS_PASSWORD: 'hunter22' });
    expect(problems.map(formatProblem).join('\n')).toContain('[redacted]');
    expect(problems.map(formatProblem).join('\n')).not.toContain('hunter22');
  });
});
