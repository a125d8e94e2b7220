/** What Kafka's brokers say: their versions, topics and consumer groups. Never joins, commits or creates. */
import { type KafkaAddress, type KafkaConnection, type KafkaRequest, openKafka } from './kafka-connection.ts';
import { int32, int64, list, type Reader, text } from './kafka-wire.ts';
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

/** Every address of `kafka://user:password@host:port,host:port`; `kafkas://` with TLS. */
export function kafkaAddresses(url: string): readonly KafkaAddress[] {
  const [, scheme = '', userinfo, hosts = ''] = /^(kafkas?):\/\/(?:([^/]*)@)?([^/?]+)/iu.exec(url) ?? [];
  const [user = '', password = ''] = (userinfo ?? '').split(/:(.*)/su).map(decodeURIComponent);
  const login = userinfo === undefined ? null : { user, password };
  return hosts.split(',').map((entry) => {
    const [, host = '', port] = /^\[?([^\]]*?)\]?(?::(\d+))?$/u.exec(entry) ?? [];
    if (host === '') throw new TargetError('unknown', 'the address is not kafka://host:port,host:port');
    return {
      host,
      port: port === undefined ? 9092 : Number(port),
      tls: scheme.toLowerCase() === 'kafkas',
      login,
    };
  });
}

/** The first broker of the address that answers, for as long as `ask` takes. */
export async function askKafka<T>(
  url: string,
  signal: AbortSignal,
  ask: (first: KafkaConnection, versions: readonly number[], address: KafkaAddress) => Promise<T>,
): Promise<T> {
  const open: KafkaConnection[] = [];
  try {
    const answers = kafkaAddresses(url).map(async (address) => {
      const connection = await openKafka(address, signal);
      open.push(connection);
      return { connection, address, versions: await connection.ask(apiVersions) };
    });
    const { connection, address, versions } = await Promise.any(answers).catch(firstError);
    return await ask(connection, versions, address);
  } finally {
    for (const connection of open) connection.close();
  }
}

function firstError(error: unknown): never {
  throw error instanceof AggregateError ? error.errors[0] : error;
}

/** The numbers of the requests it knows. */
const apiVersions: KafkaRequest<readonly number[]> = {
  api: 18,
  version: 0,
  body: Buffer.alloc(0),
  read: (reader) => {
    checkError(reader.int16());
    return reader.list(() => {
      const key = reader.int16();
      reader.int16();
      reader.int16();
      return key;
    });
  },
};

export const readCluster: KafkaRequest<Cluster> = {
  api: 3,
  version: 1,
  body: list(null),
  read: (reader) => {
    const brokers = reader.list(() => {
      const broker = { id: reader.int32(), host: reader.text() ?? '', port: reader.int32() };
      reader.text();
      return broker;
    });
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

/** Which broker keeps the group's offsets. */
export const findCoordinator = (group: string): KafkaRequest<Broker> => ({
  api: 10,
  version: 0,
  body: text(group),
  read: (reader) => {
    checkError(reader.int16());
    return { id: reader.int32(), host: reader.text() ?? '', port: reader.int32() };
  },
});

/** What the group has consumed; partitions it has committed nothing of are left out. */
export const readCommitted = (
  group: string,
  wanted: readonly Omit<Position, 'offset'>[],
): KafkaRequest<readonly Position[]> => ({
  api: 9,
  version: 2,
  body: Buffer.concat([text(group), byTopic(wanted, ({ partition }) => int32(partition))]),
  read: (reader) => {
    const positions = reader.list(() => {
      const topic = reader.text() ?? '';
      return reader.list(() => {
        const position = { topic, partition: reader.int32(), offset: reader.int64() };
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

/** Where the partitions end. */
export const readEnds = (wanted: readonly Omit<Position, 'offset'>[]): KafkaRequest<readonly Position[]> => ({
  api: 2,
  version: 1,
  body: Buffer.concat([
    int32(-1),
    byTopic(wanted, ({ partition }) => Buffer.concat([int32(partition), int64(LATEST)])),
  ]),
  read: (reader) =>
    reader
      .list(() => {
        const topic = reader.text() ?? '';
        return reader.list(() => {
          const partition = reader.int32();
          checkError(reader.int16());
          reader.int64();
          return { topic, partition, offset: reader.int64() };
        });
      })
      .flat(),
});

/** Topics, and the partitions of each. */
function byTopic<P extends Omit<Position, 'offset'>>(
  wanted: readonly P[],
  write: (partition: P) => Buffer,
): Buffer {
  const topics = Map.groupBy(wanted, ({ topic }) => topic);
  return list([...topics].map(([topic, entries]) => Buffer.concat([text(topic), list(entries.map(write))])));
}

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
