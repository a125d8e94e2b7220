/** Systems with one thing wrong in each. */
import type { Broken } from './broken-runbooks.ts';
import { SYSTEM } from './written.ts';

const system = (from: string, to: string): string => {
  if (!SYSTEM.includes(from)) throw new Error(`no ${from}`);
  return SYSTEM.replace(from, to);
};
export const brokenSystems: readonly Broken[] = [
  {
    name: 'a service without a probe',
    yaml: system('    probe: { probe: redis.ping }\n', '').replace('redis:\n', '▸redis:\n'),
    says: /probe is missing; expected a probe, or health: false/,
  },
  {
    name: 'an address of another scheme',
    yaml: system('http://localhost', '▸redis://localhost'),
    says: /url is an address with redis:\/\/; expected an address with http:\/\/ or https:\/\//,
  },
  {
    name: 'an address that is none',
    yaml: system('http://localhost:8080', '▸localhost:8080'),
    says: /does not begin with a scheme/,
  },
  {
    name: 'a port that can not be',
    yaml: system('localhost:8080', 'localhost:99999').replace('http:', '▸http:'),
    says: /host or port is not valid/,
  },
  {
    name: 'a password in the file',
    yaml: system('http://localhost', '▸http://admin:hunter2@localhost'),
    says: /a password is written in the file/,
  },
  {
    name: 'a place for a variable that is none',
    yaml: system('http://localhost', `▸http://\${HOST:localhost}`),
    says: /found "\$\{HOST:localhost\}:8080"; expected \$\{NAME\}/,
  },
  {
    name: 'a secret outside the address',
    yaml: system('path: /health', `path: ▸"/health?key=\${API_KEY}"`),
    says: /\$\{API_KEY\} is a secret; expected it in the url/,
  },
  {
    name: 'a service named docker',
    yaml: system('  web:', '  ▸docker:'),
    says: /a service can't be named "docker"/,
  },
  {
    name: 'a service with a name that is no name',
    yaml: system('  web:', '  ▸Web_1:'),
    says: /Web_1.*expected a name of lower-case letters/,
  },
  {
    name: 'an environment that is none',
    yaml: system('title: Shop', 'title: Shop\nenvironment: ▸production'),
    says: /environment is "production"; expected one of dev, test, prod/,
  },
  {
    name: 'a system that extends nothing',
    yaml: system('title: Shop', 'title: Shop\nextends: ▸store'),
    says: /there is no system "store"/,
  },
  {
    name: 'a system that extends itself',
    yaml: system('title: Shop', 'title: Shop\nextends: ▸shop'),
    says: /it leads back: shop → shop/,
  },
  {
    name: 'a link to a service that is not there',
    yaml: `${SYSTEM}links: [{ title: Web, service: ▸wbe }]\n`,
    says: /no service "wbe"; did you mean "web"\?/,
  },
  {
    name: 'a container name that is none',
    yaml: system('shop-redis', '▸shop redis'),
    says: /container is not valid; expected a container name/,
  },
];
