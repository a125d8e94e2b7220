/** Figures of a service's own page of metrics. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from './asking.ts';

const PAGE = `# HELP tls_connections_active Active connections.
# TYPE tls_connections_active gauge
tls_connections_active{pool="a}b"} 3
tls_connections_active{pool="b\\"c"} 2 1700000000000
tls_connection_errors_total 41
reconciliation_unmatched_items NaN
`;

let server: Server;
let url = '';
beforeAll(async () => {
  server = createServer((req, res) => res.end(req.url === '/metrics' ? PAGE : '<html>not metrics</html>'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const read = (settings: Record<string, unknown>, expected: string | number | null = null) =>
  ask('metrics', url, { settings, expect: expected });

test('the first name’s figure is the value, and all are shown', async () => {
  const found = await read({ names: ['tls_connections_active', 'tls_*'] });
  expect(found).toMatchObject({ state: 'up', facts: { value: 5, series: 3 } });
  expect(found.output).toContain('tls_connection_errors_total 41');
  expect(await read({ names: ['tls_connections_active'], of: 'max' })).toMatchObject({ facts: { value: 3 } });
  expect(await read({ names: ['tls_connections_active'], labels: { pool: 'a}b' } })).toMatchObject({
    facts: { value: 3, series: 1 },
  });
});

test('a figure past what is expected is not good', async () => {
  expect(await read({ names: ['tls_connection_errors_total'] }, '<= 10')).toMatchObject({
    state: 'degraded',
  });
});

test('what is not there is not good, and no number is no value', async () => {
  expect(await read({ names: ['nothing'] })).toMatchObject({
    state: 'unknown',
    reason: expect.stringContaining('has no nothing'),
  });
  expect(await read({ names: ['tls_connection_errors_total', 'nothing'] })).toMatchObject({
    state: 'degraded',
  });
  expect(await read({ names: ['reconciliation_unmatched_items'] })).toMatchObject({ facts: { value: null } });
  expect(await read({ names: ['up'], path: '/other' })).toMatchObject({ state: 'down' });
});
