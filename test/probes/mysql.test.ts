/** The MySQL probe against a real MariaDB. */
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MariadbServer, startMariadb } from '../servers/mariadb.ts';
import { waitFor } from '../servers/program.ts';
import { ask } from './asking.ts';
import { openSockets } from './resources.ts';

let server: MariadbServer;
beforeAll(async () => {
  server = await startMariadb();
}, 180_000);
afterAll(() => server.stop());

test('a server that answers is up and tells its version', async () => {
  const before = openSockets();
  const result = await ask('mysql.ping', server.url);
  expect(result).toMatchObject({ state: 'up', reason: null, facts: { read_only: false } });
  expect(result.facts.version).toMatch(/^\d+\.\d+/u);
  await waitFor('no socket', 2000, () => (openSockets() <= before ? 'closed' : null));
});

test('it says goodbye: the server counts no aborted client', async () => {
  const other = await createConnection(server.url);
  const aborted = async () => {
    const [rows] = await other.query<RowDataPacket[]>("show global status like 'Aborted_clients'");
    return Number(rows[0]?.Value);
  };
  const before = await aborted();
  for (let i = 0; i < 5; i += 1) expect(await ask('mysql.ping', server.url)).toMatchObject({ state: 'up' });
  await waitFor('its connections to end', 5000, async () => {
    const [rows] = await other.query<RowDataPacket[]>('show processlist');
    return rows.length === 1;
  });
  expect(await aborted()).toBe(before);
  await other.end();
});

test.each([
  ['a wrong password', 'mysql://app:wrong-secret@127.0.0.1:PORT/shop', '1045'],
  ['a database that is not ours', 'mysql://app:open-sesame@127.0.0.1:PORT/other', '1044'],
])('%s is degraded: it answers, but refuses the credentials', async (_, url, code) => {
  const result = await ask('mysql.ping', url.replace('PORT', String(server.port)));
  expect(result).toMatchObject({
    state: 'degraded',
    reason: `answers, but refuses the credentials (MySQL ${code})`,
  });
});

test('a Redis probe finds that it does not speak Redis', async () => {
  const result = await ask('redis.ping', `redis://127.0.0.1:${server.port}`);
  expect(result).toMatchObject({
    state: 'down',
    reason: expect.stringMatching(/does not speak Redis|connection (reset|closed)/u),
  });
});
