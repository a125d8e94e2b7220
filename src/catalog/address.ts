/** Addresses of services: is this one, of a scheme that the service's probe speaks? */
import { isDecodable, PERCENT_EXPECTED, PERCENT_FOUND } from '../domain/percent.ts';

const EXAMPLES: Readonly<Record<string, string>> = {
  http: 'http://127.0.0.1:8080',
  https: 'https://api.example.org',
  redis: 'redis://:password@127.0.0.1:6379/0',
  rediss: 'rediss://:password@redis.example.org:6380/0',
  mysql: 'mysql://user:password@127.0.0.1:3306/database',
  postgres: 'postgres://user:password@127.0.0.1:5432/database',
  postgresql: 'postgresql://user:password@127.0.0.1:5432/database',
  mongodb: 'mongodb://user:password@127.0.0.1:27017/database?authSource=admin',
  amqp: 'amqp://user:password@127.0.0.1:5672',
  kafka: 'kafka://127.0.0.1:9092,127.0.0.1:9093',
  tls: 'tls://127.0.0.1:443?servername=receiver.example.org',
};

/** Schemes in which a list of hosts may stand. */
const MANY_HOSTS: readonly string[] = ['kafka', 'mongodb', 'postgres', 'postgresql'];
/** Schemes without a usual port. */
const NEEDS_PORT: readonly string[] = ['kafka', 'tls'];

export type Address =
  | { readonly kind: 'address'; readonly url: string }
  /** `none:not part of the sandbox`: deliberately not there, and why. */
  | { readonly kind: 'none'; readonly reason: string }
  | { readonly kind: 'wrong'; readonly found: string; readonly expected: string; readonly example: string };

/** `schemes`: those of the service's probe; empty: any. Messages never repeat more than the scheme: it may hold a password. */
export function readAddress(text: string, schemes: readonly string[]): Address {
  if (/^none:/iu.test(text)) return { kind: 'none', reason: text.slice(5).trim() || 'turned off' };
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//iu.exec(text)?.[1]?.toLowerCase() ?? null;
  const known = schemes.length === 0 ? Object.keys(EXAMPLES) : schemes;
  const wrong = (
    found: string,
    expected = `an address with ${known.map((one) => `${one}://`).join(' or ')}`,
  ): Address => ({
    kind: 'wrong',
    found,
    expected,
    example:
      EXAMPLES[scheme !== null && known.includes(scheme) ? scheme : (known[0] ?? 'http')] ??
      `${known[0]}://127.0.0.1`,
  });
  if (scheme === null) return wrong('a value that does not begin with a scheme');
  if (schemes.length > 0 && !schemes.includes(scheme)) return wrong(`an address with ${scheme}://`);
  const parts = /^[^:]+:\/\/(?:([^/?#]*)@)?([^/?#]*)([^#]*)/u.exec(text);
  const [, userinfo = '', hosts = '', rest = ''] = parts ?? [];
  if (/[\s\p{Cc}]/u.test(text)) return wrong('an address with a blank in it');
  if (hosts === '') return wrong('an address without a host');
  if (!isDecodable(text)) return wrong(PERCENT_FOUND, PERCENT_EXPECTED);
  const list = hosts.split(',');
  if (list.length > 1 && !MANY_HOSTS.includes(scheme))
    return wrong('an address with several hosts', 'an address with one host');
  const bad = list.find((host) => !isHost(host));
  if (bad !== undefined)
    return wrong(`an address whose host or port is not valid`, 'a host, and a port from 1 to 65535');
  if (NEEDS_PORT.includes(scheme) && !list.every((host) => /:\d+$/u.test(host))) {
    return wrong('an address without a port', 'host:port');
  }
  if ((scheme === 'http' || scheme === 'https') && rest.includes('?')) {
    return wrong('an address with a query', "a base address; the path is the catalog's");
  }
  const tail = scheme === 'http' || scheme === 'https' ? rest.replace(/\/+$/u, '') : rest;
  return { kind: 'address', url: `${scheme}://${credentials(userinfo)}${hosts}${tail}` };
}

/** Without an empty user and password: there is nothing to sign in with then. */
function credentials(userinfo: string): string {
  const kept = userinfo.replace(/:$/u, '');
  return kept === '' ? '' : `${kept}@`;
}

function isHost(host: string): boolean {
  const address = `http://${host}/`;
  return (
    URL.canParse(address) && new URL(address).hostname !== '' && !/:0*$/u.test(host) && !host.includes('@')
  );
}

/** Whether a password stands in an address as it is written in a file, not by a variable. */
export function hasWrittenPassword(template: string): boolean {
  const userinfo =
    /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)@/iu.exec(template.replace(/\$\{[^}]*\}/gu, '$'))?.[1] ?? '';
  const password = /:(.*)$/u.exec(userinfo)?.[1] ?? '';
  return password !== '' && !password.includes('$');
}
