/** The Kafka probes against librdkafka's own cluster. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type KafkaCluster, startKafka } from '../servers/kafka.ts';
import { waitFor } from '../servers/program.ts';
import { ask } from './asking.ts';
import { openSockets } from './resources.ts';

describe.each([1, 3])('with %i brokers', (brokers) => {
  let cluster: KafkaCluster;
  beforeAll(async () => {
    cluster = await startKafka(brokers);
  });
  afterAll(() => cluster.stop());

  test('brokers and topics are counted', async () => {
    const before = openSockets();
    const result = await ask('kafka.brokers', cluster.url, { settings: { topics: [cluster.topic] } });
    expect(result).toMatchObject({
      state: 'up',
      facts: { brokers, topics: 1, leaderless: 0 },
      output: cluster.topic,
    });
    expect(Number(result.facts.api_versions)).toBeGreaterThan(5);
    await waitFor('no socket', 2000, () => (openSockets() <= before ? 'closed' : null));
  });

  test('too few brokers and missing topics are degraded', async () => {
    expect(await ask('kafka.brokers', cluster.url, { settings: { minBrokers: 4 } })).toMatchObject({
      state: 'degraded',
      reason: `${brokers} brokers, fewer than 4`,
    });
    expect(await ask('kafka.brokers', cluster.url, { settings: { topics: ['refunds'] } })).toMatchObject({
      state: 'degraded',
      reason: 'there is no topic refunds',
    });
  });

  test('a group’s lag is what it has not consumed', async () => {
    const settings = { group: cluster.group };
    const result = await ask('kafka.lag', cluster.url, { settings });
    expect(result).toMatchObject({ state: 'up', facts: { lag: cluster.lag, partitions: 1 } });
    expect(await ask('kafka.lag', cluster.url, { settings: { ...settings, maxLag: 4 } })).toMatchObject({
      state: 'degraded',
      reason: 'engine is 5 messages behind, more than 4',
    });
  });

  test('a group that has committed nothing has no lag that is known', async () => {
    const result = await ask('kafka.lag', cluster.url, { settings: { group: 'nobody' } });
    expect(result).toMatchObject({ state: 'unknown', reason: 'no data: group nobody has committed nothing' });
  });

  test('one dead address among several is no reason to be down', async () => {
    const url = cluster.url.replace('kafka://', 'kafka://127.0.0.1:9,');
    expect(await ask('kafka.brokers', url)).toMatchObject({ state: 'up' });
  });
});
