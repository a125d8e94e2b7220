/** The MongoDB probes: the real driver against a server that speaks its protocol. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HELLO, type MongodbServer, startMongodb } from '../servers/mongodb.ts';
import { freePort, waitFor } from '../servers/program.ts';
import { ask } from './asking.ts';
import { openSockets } from './resources.ts';

let server: MongodbServer;
beforeEach(async () => {
  server = await startMongodb();
});
afterEach(() => server.stop());

test('a server that answers is up and closes behind us', async () => {
  const before = openSockets();
  expect(await ask('mongodb.ping', server.url)).toMatchObject({
    state: 'up',
    reason: null,
    facts: { ok: 1 },
  });
  await waitFor('no socket', 2000, () => (openSockets() <= before ? 'closed' : null));
});

test('a wrong password is degraded, at once', async () => {
  const started = performance.now();
  const result = await ask('mongodb.ping', server.url.replace('open-sesame', 'wrong-secret'));
  expect(result).toMatchObject({
    state: 'degraded',
    reason: 'answers, but refuses the credentials (MongoDB 18)',
  });
  expect(performance.now() - started).toBeLessThan(5000);
});

test('without credentials a server that wants them is degraded', async () => {
  const result = await ask('mongodb.ping', `mongodb://127.0.0.1:${server.port}`);
  expect(result).toMatchObject({
    state: 'degraded',
    reason: 'answers, but refuses the credentials (MongoDB 13)',
  });
});

test('one dead address among several does not stop the search; when all are dead it ends at once', async () => {
  const dead = `127.0.0.1:${await freePort()}`;
  const me = `127.0.0.1:${server.port}`;
  // The driver leaves lone servers out of a list: this one is a member of a set.
  const member = { ...HELLO, setName: 'rs0', hosts: [dead, me], me, primary: me };
  for (const greeting of ['hello', 'ismaster']) server.answer(greeting, member);
  const some = server.url.replace('@', `@${dead},`);
  expect(await ask('mongodb.ping', some)).toMatchObject({ state: 'up' });
  const result = await ask('mongodb.ping', `mongodb://${dead},127.0.0.1:${await freePort()}/`);
  expect(result).toMatchObject({ state: 'down', reason: 'connection refused' });
  expect(result.latencyMs).toBeLessThan(2000);
});

test('a lone server’s status has no replication', async () => {
  const result = await ask('mongodb.status', server.url);
  expect(result).toMatchObject({
    state: 'up',
    facts: {
      role: 'standalone',
      set: null,
      members: 1,
      disk_used_percent: 40,
      slow_operations: 0,
      version: '8.0.4',
    },
  });
});

function members(lagSeconds: number, secondary: { health: number; stateStr: string }) {
  const now = Date.now();
  return {
    set: 'rs0',
    members: [
      { stateStr: 'PRIMARY', health: 1, self: true, optimeDate: new Date(now) },
      { ...secondary, optimeDate: new Date(now - lagSeconds * 1000) },
    ],
  };
}

test.each([
  [members(0, { health: 1, stateStr: 'SECONDARY' }), 'up', null],
  [members(90, { health: 1, stateStr: 'SECONDARY' }), 'degraded', '90 s behind the primary, more than 60 s'],
  [members(0, { health: 0, stateStr: '(not reachable/healthy)' }), 'degraded', '1 of 2 members are healthy'],
])('a replica set’s state is read', async (status, state, reason) => {
  server.answer('replSetGetStatus', status);
  expect(await ask('mongodb.status', server.url)).toMatchObject({
    state,
    reason,
    facts: { set: 'rs0', members: 2 },
  });
});

test('a full disk is degraded; what may not be asked is not known', async () => {
  server.answer('dbStats', { fsUsedSize: 96, fsTotalSize: 100 });
  server.answer('currentOp', 13);
  expect(await ask('mongodb.status', server.url)).toMatchObject({
    state: 'degraded',
    reason: 'disk is 96 % full, more than 85 %',
    facts: { slow_operations: null },
  });
});
