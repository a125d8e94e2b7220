/** The RabbitMQ probes against a real broker with its management API. */
import { type ChannelModel, connect } from 'amqplib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../servers/program.ts';
import { type RabbitmqServer, startRabbitmq } from '../servers/rabbitmq.ts';
import { ask } from './asking.ts';
import { openSockets } from './resources.ts';

const QUEUE = 'mari-tx-events';

let server: RabbitmqServer;
let model: ChannelModel;
beforeAll(async () => {
  server = await startRabbitmq();
  model = await connect(server.url);
  const channel = await model.createConfirmChannel();
  await channel.assertQueue(QUEUE);
  for (let i = 0; i < 7; i += 1) channel.sendToQueue(QUEUE, Buffer.from(String(i)));
  await channel.waitForConfirms();
}, 180_000);
afterAll(async () => {
  await model?.close();
  await server?.stop();
});

test('a queue tells its depth and its consumers', async () => {
  const before = openSockets();
  const result = await ask('rabbitmq.queue', server.url, { settings: { queue: QUEUE } });
  expect(result).toMatchObject({ state: 'up', facts: { depth: 7, consumers: 0 } });
  await waitFor('no socket', 2000, () => (openSockets() <= before ? 'closed' : null));
});

test('a backlog and missing consumers are degraded', async () => {
  const asked = (settings: object) =>
    ask('rabbitmq.queue', server.url, { settings: { queue: QUEUE, ...settings } });
  expect(await asked({ maxDepth: 5 })).toMatchObject({
    state: 'degraded',
    reason: '7 messages wait in mari-tx-events, more than 5',
  });
  expect(await asked({ minConsumers: 1 })).toMatchObject({
    state: 'degraded',
    reason: '0 consumers of mari-tx-events, fewer than 1',
  });
});

test('a queue that is missing is down, and is not made by asking', async () => {
  for (let i = 0; i < 2; i += 1) {
    const result = await ask('rabbitmq.queue', server.url, { settings: { queue: 'nowhere' } });
    expect(result).toMatchObject({ state: 'down', reason: `no queue 'nowhere' in vhost '/'` });
  }
});

test('a wrong password is degraded: it answers, but refuses the credentials', async () => {
  const wrong = `amqp://guest:wrong-secret@127.0.0.1:${server.port}`;
  expect(await ask('rabbitmq.queue', wrong, { settings: { queue: QUEUE } })).toMatchObject({
    state: 'degraded',
    reason: 'answers, but refuses the credentials (AMQP 403)',
  });
  const settings = { port: server.managementPort };
  expect(await ask('rabbitmq.management', wrong, { settings })).toMatchObject({
    state: 'degraded',
    reason: 'answers, but refuses the credentials (HTTP 401)',
  });
});

test('the management API tells connections, channels and the queue', async () => {
  const settings = { port: server.managementPort, queue: QUEUE };
  const facts = await waitFor('the statistics', 20_000, async () => {
    const result = await ask('rabbitmq.management', server.url, { settings });
    return result.facts.depth === 7 && Number(result.facts.channels) > 0 ? result.facts : null;
  });
  expect(facts).toMatchObject({ depth: 7, consumers: 0, connections: 1, channels: 1 });
  expect(Number(facts.disk_free_bytes)).toBeGreaterThan(0);
});

test('a virtual host that is missing is degraded: the broker does answer', async () => {
  const result = await ask('rabbitmq.queue', `${server.url}/nowhere`, { settings: { queue: QUEUE } });
  expect(result).toMatchObject({ state: 'degraded', reason: 'answers, but refuses the virtual host' });
});
