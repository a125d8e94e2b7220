/** Loki, the language model and the disk: read as their APIs' pages say they answer. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ask } from './asking.ts';

let base: string;
let asked: { url: URL; method: string; body: string }[] = [];
let answer: { status: number; body: unknown } = { status: 200, body: '' };
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (part) => {
    body += part;
  });
  request.on('end', () => {
    asked.push({ url: new URL(request.url ?? '/', base), method: request.method ?? '', body });
    response.writeHead(answer.status);
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  });
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  asked = [];
});
afterAll(() => void server.close());

test('Loki that is not ready is down, and says why', async () => {
  answer = { status: 503, body: 'Ingester not ready: waiting for 15s after being ready\n' };
  expect(await ask('loki.ready', base)).toMatchObject({
    state: 'down',
    reason: 'HTTP 503: Ingester not ready: waiting for 15s after being ready',
  });
  expect(asked[0]?.url.pathname).toBe('/ready');
});

test('Loki’s lines are shown oldest first, bounded, without control codes', async () => {
  answer = {
    status: 200,
    body: {
      status: 'success',
      data: {
        resultType: 'streams',
        result: [
          {
            stream: { stream: 'audit' },
            values: [
              ['1700000002000000000', '\u001b[31mlater'],
              ['1700000001000000000', 'earlier'],
            ],
          },
          { stream: { stream: 'audit', host: 'b' }, values: [['1700000003000000000', 'x'.repeat(2000)]] },
        ],
      },
    },
  };
  const result = await ask('loki.query', base, { settings: { query: '{stream="audit"}', lines: 3 } });
  expect(result).toMatchObject({
    state: 'up',
    facts: { lines: 3, streams: 2, newest: '2023-11-14T22:13:23.000Z' },
  });
  const lines = result.output?.split('\n') ?? [];
  expect(lines[0]).toBe('2023-11-14T22:13:21.000Z earlier');
  expect(lines[1]).toBe('2023-11-14T22:13:22.000Z later');
  expect(lines[2]?.length).toBeLessThan(600);
  const { searchParams } = asked[0]?.url ?? new URL(base);
  expect(Object.fromEntries(searchParams)).toMatchObject({
    query: '{stream="audit"}',
    limit: '3',
    since: '60m',
  });
});

test('a query that Loki refuses is the probe’s own failure', async () => {
  answer = { status: 400, body: 'parse error at line 1, col 2: syntax error' };
  const result = await ask('loki.query', base, { settings: { query: '{' } });
  expect(result).toMatchObject({ state: 'unknown' });
  expect(result.reason).toContain('parse error');
});

test('a tiny completion is asked of the model, with a bound on its words', async () => {
  answer = {
    status: 200,
    body: { model: 'qwen', choices: [{ message: { content: 'pong' } }], usage: { completion_tokens: 2 } },
  };
  const result = await ask('llm.completion', base);
  expect(result).toMatchObject({ state: 'up', facts: { answer: 'pong', model: 'qwen', tokens: 2 } });
  expect(asked[0]).toMatchObject({ method: 'POST' });
  expect(asked[0]?.url.pathname).toBe('/v1/chat/completions');
  expect(JSON.parse(asked[0]?.body ?? '')).toMatchObject({ model: 'qwen', max_tokens: 8, stream: false });
});

test.each([
  [
    { status: 200, body: { choices: [{ message: { content: '' } }] } },
    'degraded',
    'the model answers with nothing',
  ],
  [{ status: 200, body: { choices: [] } }, 'down', 'wrong answer: {"choices":[]}'],
  [{ status: 500, body: 'CUDA out of memory' }, 'down', 'HTTP 500'],
])('a model that does not answer is found out', async (given, state, reason) => {
  answer = given;
  expect(await ask('llm.completion', base)).toMatchObject({ state, reason });
});

test('a disk tells how much of it is free, and is degraded below its bound', async () => {
  const result = await ask('disk', null, { settings: { path: '/tmp', minFreePercent: 0 } });
  expect(result.state).toBe('up');
  expect(Number(result.facts.free_percent) + Number(result.facts.used_percent)).toBeCloseTo(100, 0);
  expect(await ask('disk', null, { settings: { path: '/proc/self', minFreePercent: 100 } })).toMatchObject({
    state: 'degraded',
  });
  expect(await ask('disk', null, { settings: { path: '/no/such/place' } })).toMatchObject({
    state: 'unknown',
    reason: '/no/such/place can’t be read (ENOENT)',
  });
});
