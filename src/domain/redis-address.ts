/** Where the queue's Redis is: one server, or a master that Sentinels know by its name. */
export type RedisAddress =
  | { readonly kind: 'server'; readonly url: string; readonly password: string }
  | {
      readonly kind: 'sentinel';
      readonly tls: boolean;
      readonly username: string;
      readonly password: string;
      readonly sentinelPassword: string;
      readonly sentinels: readonly { readonly host: string; readonly port: number }[];
      /** The master's name. */
      readonly name: string;
      readonly db: number;
    };

const SENTINEL =
  /^redis(?<tls>s?)\+sentinel:\/\/(?:(?<user>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<hosts>[^/?]+)\/(?<name>[^/?]+)(?:\/(?<db>\d{1,5}))?(?:\?sentinelPassword=(?<sentinelPassword>[^&]+))?$/u;
const HOST = /^(?:\[(?<v6>[0-9a-f:.]+)\]|(?<host>[^:[\]]+))(?::(?<port>\d{1,5}))?$/iu;
const SENTINEL_PORT = 26_379;

/** `redis://…`, `rediss://…` or `redis+sentinel://[user:password@]host:port,host:port/NAME[/db]`; null: none of them. */
export function parseRedisAddress(text: string): RedisAddress | null {
  const groups = SENTINEL.exec(text)?.groups;
  if (groups === undefined) return parseServer(text);
  const sentinels = (groups.hosts ?? '').split(',').map(parseHost);
  const known = sentinels.filter((sentinel) => sentinel !== null);
  if (known.length !== sentinels.length) return null;
  try {
    return {
      kind: 'sentinel',
      tls: groups.tls === 's',
      username: decodeURIComponent(groups.user ?? ''),
      password: decodeURIComponent(groups.password ?? ''),
      sentinelPassword: decodeURIComponent(groups.sentinelPassword ?? ''),
      sentinels: known,
      name: decodeURIComponent(groups.name ?? ''),
      db: Number(groups.db ?? 0),
    };
  } catch {
    return null;
  }
}

function parseServer(text: string): RedisAddress | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') return null;
  try {
    return { kind: 'server', url: text, password: decodeURIComponent(url.password) };
  } catch {
    return null;
  }
}

function parseHost(text: string): { readonly host: string; readonly port: number } | null {
  const groups = HOST.exec(text)?.groups;
  const port = Number(groups?.port ?? SENTINEL_PORT);
  const host = groups?.v6 ?? groups?.host;
  return host === undefined || port < 1 || port > 65_535 ? null : { host, port };
}
