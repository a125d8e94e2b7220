/** The Prometheus probes against the real Prometheus. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort, waitFor } from '../servers/program.ts';
import { type PrometheusServer, startPrometheus } from '../servers/prometheus.ts';
import { ask } from './asking.ts';

let server: PrometheusServer;
beforeAll(async () => {
  server = await startPrometheus({ jobs: { shop: [`127.0.0.1:${await freePort()}`] } });
});
afterAll(() => server.stop());

test('it is ready', async () => {
  expect(await ask('prometheus.ready', server.url)).toMatchObject({ state: 'up', facts: { status: 200 } });
});

test('targets that are down are named', async () => {
  const result = await waitFor('the first scrapes', 15_000, async () => {
    const found = await ask('prometheus.targets', server.url);
    return found.facts.up === 1 && found.facts.down === 1 ? found : null;
  });
  expect(result.state).toBe('degraded');
  expect(result.reason).toMatch(/^1 of 2 targets are down: shop\/127\.0\.0\.1:\d+$/u);
  expect(result.output).toContain('connection refused');
  const settings = { job: 'prometheus' };
  expect(await ask('prometheus.targets', server.url, { settings })).toMatchObject({
    state: 'up',
    facts: { total: 1 },
  });
});

test('a query gives a value to hold against a bound', async () => {
  const settings = { query: 'sum(up)' };
  await waitFor('the first scrape', 15_000, async () => {
    const found = await ask('prometheus.query', server.url, { settings });
    return found.facts.value === 1 ? found : null;
  });
  expect(await ask('prometheus.query', server.url, { settings, expect: '> 1' })).toMatchObject({
    state: 'degraded',
    reason: 'value is 1, should be > 1',
  });
  expect(await ask('prometheus.query', server.url, { settings, expect: '<= 1' })).toMatchObject({
    state: 'up',
  });
});

test('a query that finds nothing says “no data”, as does a ratio without traffic', async () => {
  const nothing = await ask('prometheus.query', server.url, { settings: { query: 'no_such_metric' } });
  expect(nothing).toMatchObject({ state: 'unknown', reason: 'no data: the query finds nothing' });
  const ratio = await ask('prometheus.query', server.url, { settings: { query: 'vector(0) / vector(0)' } });
  expect(ratio).toMatchObject({ state: 'unknown', facts: { value: null } });
  expect(ratio.reason).toMatch(/^no data/u);
});

test('a query that is wrong is the probe’s own failure', async () => {
  const result = await ask('prometheus.query', server.url, { settings: { query: 'sum(' } });
  expect(result.state).toBe('unknown');
  expect(result.reason).toMatch(/^the query failed: .*parse error/u);
});
