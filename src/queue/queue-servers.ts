/** The servers that hold the queue now: the master, and with Sentinels its replicas, each of which may be it next. */
import { closeRedis, openRedis } from '../clients/redis.ts';
import { parseRedisAddress, type RedisAddress } from '../domain/redis-address.ts';

export interface QueueServers {
  /** `redis://…` of the master. */
  readonly masterUrl: string;
  /** `run_id` of each replica that the Sentinels know. */
  readonly replicaRunIds: readonly string[];
}

const TIMEOUT_MS = 3000;

/** @throws when no Sentinel answers, or none knows the master. */
export async function readQueueServers(url: string, signal: AbortSignal): Promise<QueueServers> {
  const address = parseRedisAddress(url);
  if (address === null) throw new Error('REDIS_URL is not the address of a Redis');
  if (address.kind === 'server') return { masterUrl: address.url, replicaRunIds: [] };
  let last: unknown = new Error(`no Sentinel knows ${address.name}`);
  for (const sentinel of address.sentinels) {
    try {
      return await askSentinel(address, sentinel, signal);
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

async function askSentinel(
  address: Extract<RedisAddress, { kind: 'sentinel' }>,
  sentinel: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<QueueServers> {
  const scheme = address.tls ? 'rediss' : 'redis';
  const login = (user: string, password: string): string =>
    password === '' ? '' : `${encodeURIComponent(user)}:${encodeURIComponent(password)}@`;
  const at = (host: string, port: string | number): string =>
    `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const redis = await openRedis(
    `${scheme}://${login('', address.sentinelPassword)}${at(sentinel.host, sentinel.port)}`,
    { signal, timeoutMs: TIMEOUT_MS },
  );
  try {
    const master: unknown = await redis.call('SENTINEL', 'get-master-addr-by-name', address.name);
    if (!Array.isArray(master)) throw new Error(`the Sentinel does not know ${address.name}`);
    const replicas: unknown = await redis.call('SENTINEL', 'replicas', address.name);
    const [host, port] = master.map(String);
    return {
      masterUrl: `${scheme}://${login(address.username, address.password)}${at(host ?? '', port ?? '')}/${address.db}`,
      replicaRunIds: Array.isArray(replicas) ? replicas.map(runIdOf).filter((id) => id !== '') : [],
    };
  } finally {
    closeRedis(redis);
  }
}

/** A reply of names and values in turn. */
function runIdOf(reply: unknown): string {
  const fields = Array.isArray(reply) ? reply.map(String) : [];
  const at = fields.indexOf('runid');
  return at < 0 ? '' : (fields[at + 1] ?? '');
}
