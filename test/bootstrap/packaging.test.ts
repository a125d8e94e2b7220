import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { VARIABLES } from '../../src/config/variables.ts';
import { OWN_VOLUMES } from '../../src/self-identity.ts';
import { OTHER_VARIABLES } from '../coverage/other-variables.ts';
import { NODE_FLAGS } from '../e2e/bot.ts';
import { findProgram } from '../servers/program.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const NEEDED = /\$\{(\w+):\?/gu;

const composeSchema = z.object({
  services: z.record(
    z.string(),
    z.object({
      build: z.string().optional(),
      cap_add: z.never().optional(),
      cap_drop: z.array(z.string()).default([]),
      command: z.array(z.string()).optional(),
      depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
      env_file: z.array(z.object({ path: z.string(), required: z.boolean() })).default([]),
      environment: z.record(z.string(), z.string().nullable()).default({}),
      healthcheck: z.object({ test: z.array(z.string()) }).optional(),
      image: z.string().optional(),
      labels: z.record(z.string(), z.string()),
      ports: z.array(z.string()).default([]),
      privileged: z.never().optional(),
      read_only: z.boolean().default(false),
      secrets: z.array(z.string()).default([]),
      security_opt: z.array(z.string()).default([]),
      stop_grace_period: z.string().optional(),
      tmpfs: z.array(z.string()).default([]),
      user: z.string().optional(),
      volumes: z.array(z.string()).default([]),
    }),
  ),
  volumes: z.record(z.string(), z.object({ name: z.string(), labels: z.record(z.string(), z.string()) })),
  secrets: z.record(z.string(), z.object({ environment: z.string() })),
});
const compose = composeSchema.parse(parse(read('docker-compose.yml'), { merge: true }));
const secretFiles = Object.keys(compose.secrets).map((name) => `/run/secrets/${name}`);

function service(name: string) {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
}

test('Compose publishes ports on loopback alone', () => {
  const ports = Object.values(compose.services).flatMap((each) => each.ports);
  expect(ports).toContain('127.0.0.1:4280:4280');
  expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
});

test('the queue’s Redis keeps its jobs over a restart and evicts none', () => {
  const { command = [], volumes, healthcheck } = service('redis');
  const option = (name: string): string | undefined => command[command.indexOf(name) + 1];
  expect(option('--appendonly')).toBe('yes');
  expect(option('--maxmemory-policy')).toBe('noeviction');
  expect(option('--requirepass')).toContain('REDIS_QUEUE_PASSWORD');
  expect(volumes).toContain('queue:/data');
  expect(healthcheck?.test.join(' ')).toContain('redis-cli ping');
});

test('the volumes have names and labels, and those that the bot stands on are known to it', () => {
  const named = Object.values(compose.volumes);
  expect(named.filter(({ labels }) => labels['pageturner.part-of'] !== 'pageturner')).toEqual([]);
  for (const volume of ['data', 'queue', 'journal', 'backups'])
    expect(OWN_VOLUMES).toContain(compose.volumes[volume]?.name);
});

test('no service has more rights than it needs, nor an image that changes under its name', () => {
  const [rights, changing, labelled, writable]: [string[], string[], string[], string[]] = [[], [], [], []];
  for (const [name, each] of Object.entries(compose.services)) {
    const confined = each.cap_drop.includes('ALL') && each.security_opt.includes('no-new-privileges:true');
    if (!confined) rights.push(name);
    if (each.build !== '.' && !/:v?\d+\.\d+(?:\.\d+)?(?:-|$)/u.test(each.image ?? '')) changing.push(name);
    if (each.labels['pageturner.part-of'] !== 'pageturner') labelled.push(name);
    if (!each.read_only || !each.tmpfs.includes('/tmp')) writable.push(name);
  }
  expect({ rights, changing, labelled }).toEqual({ rights: [], changing: [], labelled: [] });
  // Compose can't put secrets from the environment into a root that is read-only.
  expect(writable).toEqual(Object.keys(compose.services).filter((name) => service(name).secrets.length > 0));
  expect(writable).toEqual(['alertmanager']);
  // Their images would begin as root, and without capabilities could not become anybody else.
  for (const name of ['redis', 'postgres', 'roles'])
    expect(service(name).user).toBe(name === 'redis' ? name : 'postgres');
});

/** The variables of `.env` that a service is given, under whichever name. */
function getsOf(name: string): readonly string[] {
  return Object.entries(service(name).environment).flatMap(([variable, value]) =>
    value === null ? [variable] : [...value.matchAll(/\$\{(\w+)/gu)].map(([, inner = '']) => inner),
  );
}

test('each service is given its own secrets alone, and the bot neither the owner’s nor the superuser’s', () => {
  const who = (secret: string): readonly string[] =>
    Object.keys(compose.services).filter((name) => getsOf(name).includes(secret));
  expect(who('POSTGRES_SUPERUSER_PASSWORD')).toEqual(['roles', 'postgres']);
  expect(who('POSTGRES_OWNER_PASSWORD')).toEqual(['roles', 'migrate']);
  expect(who('POSTGRES_PASSWORD')).toEqual(['pageturner', 'roles']);
  expect(who('DATABASE_OWNER_URL')).toEqual([]);
  expect(service('pageturner').environment).not.toHaveProperty('DATABASE_OWNER_URL');
  expect(service('pageturner').environment.DATABASE_URL).toMatch(/^postgres:\/\/pageturner:/u);
  // `.env` itself is given to nobody.
  const files = Object.values(compose.services).flatMap(({ env_file }) => env_file.map(({ path }) => path));
  expect(files).toEqual(['systems.env']);
  expect(read('.gitignore').split('\n')).toEqual(expect.arrayContaining(['.env', 'systems.env']));
});

test('the bot is given every variable that it reads, but the owner’s address', () => {
  const read = [
    ...Object.keys(VARIABLES),
    ...OTHER_VARIABLES.filter(({ by }) => by === 'catalog').map((v) => v.name),
  ];
  const given = Object.keys(service('pageturner').environment);
  // The image sets the data folder.
  const elsewhere = ['DATABASE_OWNER_URL', 'PAGETURNER_DATA'];
  expect(read.filter((name) => !given.includes(name) && !elsewhere.includes(name))).toEqual([]);
  expect(given.filter((name) => !read.includes(name))).toEqual(['TMPDIR']);
});

test('the bot starts once its roles and its tables are made', () => {
  expect(service('pageturner').depends_on.migrate).toEqual({ condition: 'service_completed_successfully' });
  expect(service('migrate').depends_on.roles).toEqual({ condition: 'service_completed_successfully' });
  expect(service('roles').depends_on.postgres).toEqual({ condition: 'service_healthy' });
  expect(service('migrate').command).toEqual(['node', 'src/main.ts', 'migrate']);
  expect(service('migrate').build).toBe(service('pageturner').build);
});

test('what the bot writes is on a volume, and that volume is the bot’s in the image', () => {
  const { environment, volumes } = service('pageturner');
  expect(volumes).toEqual(['./runbooks:/runbooks:ro', 'data:/data', 'backups:/backups', 'scratch:/scratch']);
  expect(environment).toMatchObject({
    RUNBOOKS_DIR: '/runbooks',
    BACKUP_DIR: '/backups',
    TMPDIR: '/scratch',
  });
  expect(read('Dockerfile')).toMatch(
    /mkdir \/data \/backups \/scratch && chown node:node \/data \/backups \/scratch/u,
  );
});

test('the bot gets a minute to let an action end', () => {
  expect(service('pageturner').stop_grace_period).toBe('60s');
});

test('.env.example has every variable that Compose needs, and no value for a secret', () => {
  const example = read('.env.example');
  const wanted = [...read('docker-compose.yml').matchAll(NEEDED)].map(([, name]) => name ?? '');
  const secrets = Object.values(compose.secrets).map(({ environment }) => environment);
  for (const name of new Set([...wanted, ...secrets]))
    expect(example).toMatch(new RegExp(`^${name}=$`, 'mu'));
});

test('a variable that only Compose or the catalog reads is one that they read', () => {
  const composed = read('docker-compose.yml');
  const files = readdirSync(join(ROOT, 'runbooks'), { recursive: true, encoding: 'utf8' });
  const yaml = files.filter((name) => name.endsWith('.yaml')).map((name) => read(join('runbooks', name)));
  const catalog = `${yaml.join('\n')}${read('src/catalog/read-system.ts')}${read('src/catalog/read-declared.ts')}`;
  const unread = OTHER_VARIABLES.filter(
    ({ by, name }) => !(by === 'Compose' ? composed : catalog).includes(name),
  );
  expect(unread).toEqual([]);
});

test('the image runs as an ordinary user and says whether it is healthy', () => {
  const dockerfile = read('Dockerfile');
  expect(dockerfile).toMatch(/^USER node$/mu);
  expect(dockerfile).toMatch(/^STOPSIGNAL SIGTERM$/mu);
  expect(dockerfile).toMatch(/^HEALTHCHECK [\s\S]*\/healthz/mu);
  const [, flag] = /'(--max-semi-space-size=\d+)'/u.exec(read('bin/pageturner.mjs')) ?? [];
  expect(NODE_FLAGS).toEqual([flag]);
  expect(dockerfile).toContain(`\nCMD ["node", "${flag}", "src/main.ts", "up"]\n`);
  const lock = z.object({ packages: z.record(z.string(), z.object({ version: z.string().optional() })) });
  const { packages } = lock.parse(JSON.parse(read('package-lock.json')));
  const bases = [...dockerfile.matchAll(/^FROM (\S+)/gmu)].map(([, base]) => base);
  // The same Node as the tests have.
  const base = `node:${packages['node_modules/node']?.version}-trixie-slim`;
  expect(bases).toEqual([base, base]);
  for (const name of ['postgresql-client-17', 'docker-cli', 'docker-compose'])
    expect(dockerfile).toMatch(new RegExp(`apt-get install [^&]*\\b${name}\\b`, 'u'));
  // pg_dump refuses a server that is newer than itself.
  expect(service('postgres').image).toMatch(/^postgres:17\./u);
  const allowed = read('.dockerignore').split('\n');
  expect(allowed[0]).toBe('*');
  for (const [, path = ''] of dockerfile.matchAll(/^COPY ([\w-]+(?:\.json)?) \.\//gmu))
    expect(allowed).toContain(`!${path}`);
});

const alertmanagerSchema = z.object({
  route: z.object({
    receiver: z.string(),
    routes: z.array(z.object({ matchers: z.array(z.string()), receiver: z.string() })),
  }),
  receivers: z.array(
    z.object({
      name: z.string(),
      webhook_configs: z
        .array(
          z.object({
            url: z.string(),
            http_config: z.object({ authorization: z.object({ credentials_file: z.string() }) }),
          }),
        )
        .default([]),
      slack_configs: z.array(z.object({ api_url_file: z.string() })).default([]),
    }),
  ),
});

test('Alertmanager sends to the bot with the token, and past it when the bot is in trouble', () => {
  const { route, receivers } = alertmanagerSchema.parse(parse(read('monitoring/alertmanager.yml')));
  const [bot, fallback] = receivers;
  expect(route.receiver).toBe(bot?.name);
  expect(bot?.webhook_configs[0]?.url).toBe('http://pageturner:4280/alertmanager');
  expect(secretFiles).toContain(bot?.webhook_configs[0]?.http_config.authorization.credentials_file);
  expect(fallback).toMatchObject({ name: 'fallback', webhook_configs: [] });
  expect(secretFiles).toContain(fallback?.slack_configs[0]?.api_url_file);
  expect(service('alertmanager').secrets).toEqual(Object.keys(compose.secrets));
});

test('an alert about the bot goes to the fallback, the watchdog and all others to the bot', async () => {
  const amtool = await findProgram('amtool', 'prometheus-alertmanager');
  const config = join(ROOT, 'monitoring/alertmanager.yml');
  await run(amtool, ['check-config', config]);
  const receiver = async (alertname: string): Promise<string> =>
    (
      await run(amtool, ['config', 'routes', 'test', `--config.file=${config}`, `alertname=${alertname}`])
    ).stdout.trim();
  expect(await receiver('PageturnerDown')).toBe('fallback');
  expect(await receiver('AlertmanagerNotificationsFailing')).toBe('fallback');
  expect(await receiver('Watchdog')).toBe('pageturner');
  expect(await receiver('HighMemoryUsage')).toBe('pageturner');
});

test('Prometheus takes its configuration and the bot’s own rules, which fire when they should', async () => {
  const promtool = await findProgram('promtool', 'prometheus');
  const monitoring = join(ROOT, 'monitoring');
  await run(promtool, ['check', 'config', '--syntax-only', join(monitoring, 'prometheus.yml')]);
  await run(promtool, ['test', 'rules', join(monitoring, 'pageturner.test.yml')]);
  const { rule_files } = z
    .object({ rule_files: z.array(z.string()) })
    .parse(parse(read('monitoring/prometheus.yml')));
  const there = readdirSync(monitoring).filter((name) => /^[a-z-]+\.yml$/u.test(name));
  const rules = there.filter((name) => !['prometheus.yml', 'alertmanager.yml'].includes(name));
  expect(rules.filter((name) => !rule_files.includes(name))).toEqual([]);
});

test('the lock file names every platform’s optional packages, so that npm ci works on each', () => {
  const lock = z
    .object({
      packages: z.record(
        z.string(),
        z.object({ optionalDependencies: z.record(z.string(), z.string()).default({}) }),
      ),
    })
    .parse(JSON.parse(read('package-lock.json')));
  const locked = new Set(Object.keys(lock.packages).map((path) => path.split('node_modules/').at(-1)));
  const wanted = Object.values(lock.packages).flatMap((each) => Object.keys(each.optionalDependencies));
  expect(wanted.filter((name) => !locked.has(name))).toEqual([]);
});

test('.ci/run is npm test', () => {
  expect(read('.ci/run')).toMatch(/^#!\/usr\/bin\/env bash\n[\s\S]*exec npm test\n$/u);
  expect(statSync(join(ROOT, '.ci/run')).mode & 0o111).toBe(0o111);
});
