/** The HTTP probe against real HTTP servers: Node's, and an nginx with basic authentication. */
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTls } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { days, issue } from '../servers/certificate.ts';
import { startNginx } from '../servers/nginx.ts';
import { ask } from './asking.ts';

const answers: Readonly<Record<string, RequestListener>> = {
  '/plain': (_, response) => void response.end('healthy\n'),
  '/quoted': (_, response) => void response.end('"healthy"'),
  '/object': (_, response) => void response.end('{"status":"healthy","db":"ok"}'),
  '/unhealthy': (_, response) => void response.end('unhealthy'),
  '/unhealthy-object': (_, response) => void response.end('{"status":"unhealthy"}'),
  '/talk': (_, response) => void response.end('all of us are healthy'),
  '/actuator': (_, response) => void response.end('{"status":"UP","components":{"db":{"status":"UP"}}}'),
  '/503': (_, response) => void response.writeHead(503).end('healthy'),
  '/401': (_, response) => void response.writeHead(401).end(),
  '/429': (_, response) => void response.writeHead(429).end(),
  '/once': (_, response) => void response.writeHead(302, { location: '/plain' }).end(),
  '/slow': (_, response) => void setTimeout(() => response.end('healthy'), 120),
  '/who': (request, response) => void response.end(request.headers.authorization ?? 'nobody'),
  '/base/path': (_, response) => void response.end('healthy'),
};

let base: string;
const server = createServer((request, response) => {
  const answer = answers[(request.url ?? '').split('?')[0] ?? ''];
  if (answer === undefined) response.writeHead(404).end('nothing here');
  else answer(request, response);
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const http = (settings: Record<string, unknown>, url = base) => ask('http', url, { settings });

describe('what says healthy', () => {
  test.each(['/plain', '/quoted', '/object', '/once'])('%s does', async (path) => {
    expect(await http({ path, body: 'healthy' })).toMatchObject({ state: 'up', reason: null });
  });
  test.each(['/unhealthy', '/unhealthy-object', '/talk'])('%s does not', async (path) => {
    const result = await http({ path, body: 'healthy' });
    expect(result.state).toBe('down');
    expect(result.reason).toMatch(/^wrong answer: /u);
  });
});

test.each([
  ['/503', 'down', 'HTTP 503'],
  ['/404', 'down', 'HTTP 404'],
  ['/401', 'degraded', 'answers, but refuses the credentials (HTTP 401)'],
  ['/429', 'degraded', 'answers, but limits the rate (HTTP 429)'],
])('%s is %s: %s', async (path, state, reason) => {
  expect(await http({ path, body: 'healthy' })).toMatchObject({ state, reason });
});

test('a status that is expected is good, a redirect too', async () => {
  expect(await http({ path: '/401', status: [200, 401] })).toMatchObject({
    state: 'up',
    facts: { status: 401 },
  });
  expect(await http({ path: '/once', status: [302] })).toMatchObject({ state: 'up', facts: { status: 302 } });
});

test('a redirect to another origin is not followed, and is not up', async () => {
  let asked = 0;
  const elsewhere = createServer((_, response) => {
    asked += 1;
    response.end('healthy');
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  const to = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
  const from = createServer((_, response) => void response.writeHead(302, { location: `${to}/login` }).end());
  await new Promise<void>((resolve) => from.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(from.address() as AddressInfo).port}`;
  expect(await http({ path: '/' }, url)).toMatchObject({ state: 'degraded', reason: `redirects to ${to}` });
  expect(asked).toBe(0);
  for (const one of [elsewhere, from]) one.close();
});

test('keys of the answer are compared, also further in', async () => {
  expect(await http({ path: '/actuator', json: { status: 'UP' } })).toMatchObject({ state: 'up' });
  expect(await http({ path: '/actuator', json: { 'components.db.status': 'UP' } })).toMatchObject({
    state: 'up',
  });
  expect(await http({ path: '/actuator', json: { status: 'DOWN' } })).toMatchObject({ state: 'down' });
  expect(await http({ path: '/plain', json: { status: 'UP' } })).toMatchObject({
    reason: 'wrong answer: healthy',
  });
});

test('a slow answer is degraded by its bound', async () => {
  const result = await http({ path: '/slow', maxLatencyMs: 50 });
  expect(result.state).toBe('degraded');
  expect(result.reason).toMatch(/^took \d+ ms, more than 50 ms$/u);
});

test('the address’s credentials become basic authentication, and a path is kept', async () => {
  const url = base.replace('://', '://me:p%40ss@');
  const expected = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
  expect(await http({ path: '/who', body: expected }, url)).toMatchObject({ state: 'up' });
  expect(await http({ path: '/path', body: 'healthy' }, `${base}/base/`)).toMatchObject({ state: 'up' });
});

test('an answer to HEAD is looked at without a body', async () => {
  expect(await http({ path: '/plain', method: 'HEAD' })).toMatchObject({ state: 'up', facts: { bytes: 0 } });
});

test('an nginx that wants a password is degraded without it and up with it', async () => {
  const wanted = `Basic ${Buffer.from('me:open-sesame').toString('base64')}`;
  const nginx = await startNginx(
    `location / { if ($http_authorization != "${wanted}") { return 401; } return 200 "healthy"; }`,
  );
  try {
    expect(await http({ body: 'healthy' }, nginx.url)).toMatchObject({ state: 'degraded' });
    const url = nginx.url.replace('://', '://me:open-sesame@');
    expect(await http({ body: 'healthy' }, url)).toMatchObject({ state: 'up' });
  } finally {
    await nginx.stop();
  }
});

describe('certificates', () => {
  test.each([
    [
      'expired',
      { names: ['localhost'], from: days(-20), to: days(-10) },
      /certificate (has expired|is self-signed)/u,
    ],
    ['self-signed', { names: ['localhost'] }, /certificate is self-signed/u],
  ])('one that is %s is down and said', async (_, wanted, reason) => {
    const { cert, key } = issue(wanted);
    const secure = createTls({ cert, key }, (_request, response) => void response.end('healthy'));
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
    const result = await http({}, `https://localhost:${(secure.address() as AddressInfo).port}`);
    secure.close();
    expect(result.state).toBe('down');
    expect(result.reason).toMatch(reason);
  });

  test('HTTPS on a port that speaks HTTP is no TLS', async () => {
    expect(await http({}, base.replace('http:', 'https:'))).toMatchObject({ reason: 'does not speak TLS' });
  });
});
