/** How far a consumer group is behind the end of what it consumes. */
import { z } from 'zod';
import { askKafka } from '../clients/kafka.ts';
import { type KafkaAddress, type KafkaConnection, openKafka } from '../clients/kafka-connection.ts';
import {
  type Cluster,
  findCoordinator,
  type Position,
  readCluster,
  readCommitted,
  readEnds,
} from '../clients/kafka-requests.ts';
import { TargetError } from '../clients/target-error.ts';
import { KAFKA_SCHEMES } from './kafka-brokers.ts';
import { addressOf, degraded, probeKind, up } from './probe-kind.ts';

const settings = z.strictObject({
  group: z.string().min(1).max(255),
  /** Messages, past which it is degraded. */
  maxLag: z.int().min(0).optional(),
});

export const kafkaLag = probeKind<z.output<typeof settings>>({
  name: 'kafka.lag',
  settings,
  needs: { schemes: KAFKA_SCHEMES },
  facts: {
    lag: { type: 'number' },
    largest_partition_lag: { type: 'number' },
    partitions: { type: 'number' },
  },
  async probe(target, { group, maxLag }, { signal }) {
    const lags = await askKafka(addressOf(target), signal, async (first, address) => {
      const cluster = await first.ask(readCluster);
      const to = connections(first, cluster, address, signal);
      try {
        const wanted = cluster.partitions.map(({ topic, id }) => ({ topic, partition: id }));
        const coordinator = await first.ask(findCoordinator(group));
        const committed = await (await to.broker(coordinator.id)).ask(readCommitted(group, wanted));
        return behind(committed, await ends(committed, cluster, to.broker));
      } finally {
        to.close();
      }
    });
    if (lags.length === 0) throw new TargetError('unknown', `no data: group ${group} has committed nothing`);
    const lag = lags.reduce((sum, entry) => sum + entry.lag, 0);
    const largest = Math.max(...lags.map((entry) => entry.lag));
    const facts = { lag, largest_partition_lag: largest, partitions: lags.length };
    const output = lags
      .slice(0, 100)
      .map((entry) => `${entry.topic}[${entry.partition}]: ${entry.lag}`)
      .join('\n');
    if (maxLag === undefined || lag <= maxLag) return up(facts, output);
    return degraded(`${group} is ${lag} messages behind, more than ${maxLag}`, facts, output);
  },
});

type ToBroker = (id: number) => Promise<KafkaConnection>;

/** One connection for each broker; a lone broker is the one that answered, whatever address it gives for itself. */
function connections(first: KafkaConnection, cluster: Cluster, address: KafkaAddress, signal: AbortSignal) {
  const open = new Map<number, Promise<KafkaConnection>>();
  const broker: ToBroker = (id) => {
    if (cluster.brokers.length === 1) return Promise.resolve(first);
    const known = open.get(id);
    if (known !== undefined) return known;
    const found = cluster.brokers.find((entry) => entry.id === id);
    if (found === undefined) throw new TargetError('degraded', `broker ${id} is missing`);
    const connecting = openKafka({ ...address, host: found.host, port: found.port }, signal);
    open.set(id, connecting);
    return connecting;
  };
  const close = (): void => {
    for (const connecting of open.values())
      connecting.then(
        (connection) => connection.close(),
        () => undefined,
      );
  };
  return { broker, close };
}

/** Asked of each partition's leader: no other broker knows where it ends. */
async function ends(committed: readonly Position[], cluster: Cluster, to: ToBroker): Promise<Position[]> {
  const leaders = Map.groupBy(committed, ({ topic, partition }) => {
    const found = cluster.partitions.find((entry) => entry.topic === topic && entry.id === partition);
    return found?.leader ?? -1;
  });
  leaders.delete(-1);
  const answers = [...leaders].map(async ([leader, positions]) =>
    (await to(leader)).ask(readEnds(positions)),
  );
  return (await Promise.all(answers)).flat();
}

function behind(committed: readonly Position[], ended: readonly Position[]) {
  return committed.flatMap(({ topic, partition, offset }) => {
    const end = ended.find((entry) => entry.topic === topic && entry.partition === partition);
    return end === undefined ? [] : [{ topic, partition, lag: Math.max(0, end.offset - offset) }];
  });
}
