/**
 * Kafka's read-only requests, each in the versions that it is written and read in: a range that brokers since 0.11 know
 * and that Kafka 4 keeps (KIP-896). A field's comment in Kafka's message definitions
 * (clients/src/main/resources/common/message) says from which version on it is there: `version >= 3` is their "3+".
 */
import type { KafkaRequest } from './kafka-connection.ts';
import { int8, int32, int64, list, type Reader, text } from './kafka-wire.ts';
import { TargetError } from './target-error.ts';

export interface Broker {
  readonly id: number;
  readonly host: string;
  readonly port: number;
}
export interface Partition {
  readonly topic: string;
  readonly id: number;
  /** -1: none. */
  readonly leader: number;
  readonly replicas: number;
  readonly inSync: number;
}
export interface Cluster {
  readonly brokers: readonly Broker[];
  readonly controller: number;
  /** Without Kafka's own. */
  readonly topics: readonly string[];
  readonly partitions: readonly Partition[];
}
export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export const readCluster: KafkaRequest<Cluster> = {
  api: 3,
  name: 'Metadata',
  versions: [1, 4],
  // Every topic, and none of them is made by asking.
  body: (version) => Buffer.concat([list(null), ...(version >= 4 ? [int8(0)] : [])]),
  read: (reader, version) => {
    if (version >= 3) throttle(reader);
    const brokers = reader.list(() => {
      const broker = { id: reader.int32(), host: reader.text() ?? '', port: reader.int32() };
      reader.text();
      return broker;
    });
    if (version >= 2) reader.text();
    const controller = reader.int32();
    const topics = reader.list(() => readTopic(reader)).filter(({ own }) => !own);
    return {
      brokers,
      controller,
      topics: topics.map(({ name }) => name),
      partitions: topics.flatMap(({ partitions }) => partitions),
    };
  },
};

function readTopic(reader: Reader): { name: string; own: boolean; partitions: Partition[] } {
  reader.int16();
  const topic = reader.text() ?? '';
  const own = reader.int8() !== 0;
  const partitions = reader.list(() => {
    reader.int16();
    const id = reader.int32();
    const leader = reader.int32();
    const replicas = reader.list(() => reader.int32()).length;
    const inSync = reader.list(() => reader.int32()).length;
    return { topic, id, leader, replicas, inSync };
  });
  return { name: topic, own, partitions };
}

/** A group's coordinator, and not a transaction's. */
const GROUP = 0;

/** Which broker keeps the group's offsets. */
export const findCoordinator = (group: string): KafkaRequest<Broker> => ({
  api: 10,
  name: 'FindCoordinator',
  versions: [0, 2],
  body: (version) => Buffer.concat([text(group), ...(version >= 1 ? [int8(GROUP)] : [])]),
  read: (reader, version) => {
    if (version >= 1) throttle(reader);
    checkError(reader.int16());
    if (version >= 1) reader.text();
    return { id: reader.int32(), host: reader.text() ?? '', port: reader.int32() };
  },
});

/** What the group has consumed; partitions it has committed nothing of are left out. */
export const readCommitted = (
  group: string,
  wanted: readonly Omit<Position, 'offset'>[],
): KafkaRequest<readonly Position[]> => ({
  api: 9,
  name: 'OffsetFetch',
  versions: [2, 5],
  body: () => Buffer.concat([text(group), byTopic(wanted, ({ partition }) => int32(partition))]),
  read: (reader, version) => {
    if (version >= 3) throttle(reader);
    const positions = reader.list(() => {
      const topic = reader.text() ?? '';
      return reader.list(() => {
        const position = { topic, partition: reader.int32(), offset: reader.int64() };
        if (version >= 5) reader.int32();
        reader.text();
        reader.int16();
        return position;
      });
    });
    checkError(reader.int16());
    return positions.flat().filter(({ offset }) => offset >= 0);
  },
});

const LATEST = -1;
/** Where the log ends, not where its last transaction was committed. */
const UNCOMMITTED = 0;
const ANY_EPOCH = -1;

/** Where the partitions end. */
export const readEnds = (wanted: readonly Omit<Position, 'offset'>[]): KafkaRequest<readonly Position[]> => ({
  api: 2,
  name: 'ListOffsets',
  versions: [1, 5],
  body: (version) =>
    Buffer.concat([
      int32(-1),
      ...(version >= 2 ? [int8(UNCOMMITTED)] : []),
      byTopic(wanted, ({ partition }) =>
        Buffer.concat([int32(partition), ...(version >= 4 ? [int32(ANY_EPOCH)] : []), int64(LATEST)]),
      ),
    ]),
  read: (reader, version) => {
    if (version >= 2) throttle(reader);
    const positions = reader.list(() => {
      const topic = reader.text() ?? '';
      return reader.list(() => {
        const partition = reader.int32();
        checkError(reader.int16());
        reader.int64();
        const offset = reader.int64();
        if (version >= 4) reader.int32();
        return { topic, partition, offset };
      });
    });
    return positions.flat();
  },
});

/** Topics, and the partitions of each. */
function byTopic<P extends Omit<Position, 'offset'>>(
  wanted: readonly P[],
  write: (partition: P) => Buffer,
): Buffer {
  const topics = Map.groupBy(wanted, ({ topic }) => topic);
  return list([...topics].map(([topic, entries]) => Buffer.concat([text(topic), list(entries.map(write))])));
}

/** How long the broker has held the answer back, in ms: nothing that a probe could act on. */
const throttle = (reader: Reader): void => void reader.int32();

/** Kafka's error codes (kafka.apache.org/protocol, "Error Codes"), those a reader meets. */
const ERRORS: Readonly<Record<number, string>> = {
  5: 'a partition has no leader',
  6: 'a partition has moved to another leader',
  14: 'the group coordinator is loading',
  15: 'there is no group coordinator',
  16: 'the group coordinator has moved',
  29: 'topic authorisation failed',
  30: 'group authorisation failed',
};

function checkError(code: number): void {
  if (code === 0) return;
  throw new TargetError('degraded', `answers, but refuses: ${ERRORS[code] ?? `Kafka error ${code}`}`);
}
