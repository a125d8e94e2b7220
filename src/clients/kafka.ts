/** What Kafka's brokers say: their versions, topics and consumer groups. Never joins, commits or creates. */
import { type KafkaAddress, type KafkaConnection, openKafka } from './kafka-connection.ts';
import { TargetError } from './target-error.ts';

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
  ask: (first: KafkaConnection, address: KafkaAddress) => Promise<T>,
): Promise<T> {
  const open: KafkaConnection[] = [];
  try {
    const answers = kafkaAddresses(url).map(async (address) => {
      const connection = await openKafka(address, signal);
      open.push(connection);
      return { connection, address };
    });
    const { connection, address } = await Promise.any(answers).catch(firstError);
    return await ask(connection, address);
  } finally {
    for (const connection of open) connection.close();
  }
}

function firstError(error: unknown): never {
  throw error instanceof AggregateError ? error.errors[0] : error;
}
