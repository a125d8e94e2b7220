/** Which Kafka brokers answer, and whether every partition has a leader and all its replicas. */
import { z } from 'zod';
import { askKafka } from '../clients/kafka.ts';
import { readCluster } from '../clients/kafka-requests.ts';
import { cut } from '../domain/text.ts';
import { addressOf, degraded, probeKind, up } from './probe-kind.ts';

export const KAFKA_SCHEMES = ['kafka', 'kafkas'] as const;
const MOST_TOPICS = 100;

const settings = z.strictObject({
  minBrokers: z.int().positive().optional(),
  /** Topics that must be there. */
  topics: z.array(z.string().min(1).max(249)).max(100).optional(),
});

export const kafkaBrokers = probeKind<z.output<typeof settings>>({
  name: 'kafka.brokers',
  settings,
  needs: { schemes: KAFKA_SCHEMES },
  facts: {
    brokers: { type: 'number' },
    topics: { type: 'number' },
    partitions: { type: 'number' },
    leaderless: { type: 'number' },
    under_replicated: { type: 'number' },
    controller: { type: 'number' },
    api_versions: { type: 'number' },
  },
  async probe(target, { minBrokers, topics }, { signal }) {
    const [cluster, apis] = await askKafka(
      addressOf(target),
      signal,
      async (first) => [await first.ask(readCluster), first.apis] as const,
    );
    const facts = {
      brokers: cluster.brokers.length,
      topics: cluster.topics.length,
      partitions: cluster.partitions.length,
      leaderless: cluster.partitions.filter(({ leader }) => leader < 0).length,
      under_replicated: cluster.partitions.filter(({ inSync, replicas }) => inSync < replicas).length,
      controller: cluster.controller,
      api_versions: apis,
    };
    const output = cluster.topics
      .slice(0, MOST_TOPICS)
      .map((topic) => cut(topic, 100))
      .join('\n');
    const missing = topics?.find((topic) => !cluster.topics.includes(topic));
    if (missing !== undefined) return degraded(`there is no topic ${missing}`, facts, output);
    if (minBrokers !== undefined && facts.brokers < minBrokers) {
      return degraded(`${facts.brokers} brokers, fewer than ${minBrokers}`, facts, output);
    }
    if (facts.leaderless > 0) return degraded(`${facts.leaderless} partitions have no leader`, facts, output);
    if (facts.under_replicated > 0)
      return degraded(`${facts.under_replicated} partitions lack replicas`, facts, output);
    return up(facts, output);
  },
});
