/** Only versions of a request that the broker says it takes are ever sent. */
import { afterEach, describe, expect, test } from 'vitest';
import { KAFKA_4, type KafkaBroker, type Ranges, startKafkaBroker } from '../servers/kafka-broker.ts';
import { ask } from './asking.ts';

let broker: KafkaBroker;
afterEach(() => broker.stop());

const lag = (url: string) => ask('kafka.lag', url, { settings: { group: 'engine' } });

/** Each range at its edges: the oldest versions that are written here, those of old brokers, those that Kafka 4 keeps. */
const BROKERS: readonly (readonly [name: string, ranges: Ranges, asked: readonly string[]])[] = [
  ['Kafka 4.0', KAFKA_4, ['18v0', '3v4', '10v2', '9v5', '2v5']],
  [
    'Kafka 0.11',
    { 2: [0, 2], 3: [0, 4], 9: [0, 3], 10: [0, 1], 18: [0, 1] },
    ['18v0', '3v4', '10v1', '9v3', '2v2'],
  ],
  [
    'one that takes the oldest of all alone',
    { 2: [0, 1], 3: [0, 1], 9: [0, 2], 10: [0, 0], 18: [0, 0] },
    ['18v0', '3v1', '10v0', '9v2', '2v1'],
  ],
  [
    'one of versions in between',
    { 2: [3, 4], 3: [2, 3], 9: [4, 4], 10: [1, 1], 18: [0, 2] },
    ['18v0', '3v3', '10v1', '9v4', '2v4'],
  ],
  [
    'one that takes another version alone of some',
    { 2: [2, 3], 3: [2, 2], 9: [3, 3], 10: [2, 3], 18: [0, 3] },
    ['18v0', '3v2', '10v2', '9v3', '2v3'],
  ],
];

describe.each(BROKERS)('%s', (_, ranges, asked) => {
  test('answers every question, each in the newest version that both know', async () => {
    broker = await startKafkaBroker(ranges);
    expect(await lag(broker.url)).toMatchObject({ state: 'up', facts: { lag: 5, partitions: 1 } });
    expect(broker.asked).toEqual(asked);
    expect(await ask('kafka.brokers', broker.url)).toMatchObject({
      state: 'up',
      facts: { brokers: 1, topics: 1, leaderless: 0, api_versions: Object.keys(ranges).length },
    });
  });
});

test('signs in after it knows the versions, and before it asks anything else', async () => {
  broker = await startKafkaBroker(KAFKA_4, 'bot\0pass');
  expect(await lag(broker.url)).toMatchObject({ state: 'up', facts: { lag: 5 } });
  expect(broker.asked).toEqual(['18v0', '17v1', '36v1', '3v4', '10v2', '9v5', '2v5']);
});

test.each([
  [
    { ...KAFKA_4, 3: [12, 13] },
    'answers, but takes Metadata in versions 12 to 13, and this client knows 1 to 4',
  ],
  [
    { ...KAFKA_4, 9: [0, 1] },
    'answers, but takes OffsetFetch in versions 0 to 1, and this client knows 2 to 5',
  ],
  [{ 18: [0, 3], 3: [0, 9] }, 'answers, but does not know FindCoordinator'],
] as const)('what both can’t speak of is unknown, never asked and never down', async (ranges, reason) => {
  broker = await startKafkaBroker(ranges);
  expect(await lag(broker.url)).toMatchObject({ state: 'unknown', reason });
});
