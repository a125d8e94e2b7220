/** The environment, read once and typed. Every bad variable is one line that names it and shows an example. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseDuration } from './domain/duration.ts';
import { parseRedisAddress, type RedisAddress } from './domain/redis-address.ts';
import { ENVIRONMENTS, type Environment } from './domain/target.ts';

export type Env = Readonly<Record<string, string | undefined>>;

export interface SlackConfig {
  readonly botToken: string;
  /** Null in Socket Mode without HTTP. */
  readonly signingSecret: string | null;
  /** Present: Socket Mode. */
  readonly appToken: string | null;
  readonly apiUrl: string | null;
}

export interface WebhookCredentials {
  readonly token: string | null;
  readonly basic: { readonly user: string; readonly password: string } | null;
}

export interface Config {
  readonly host: string;
  readonly port: number;
  readonly role: 'all' | 'gateway' | 'worker';
  readonly environment: Environment;
  readonly mode: 'act' | 'observe';
  /** Null: the local workspace stands in for Slack. */
  readonly slack: SlackConfig | null;
  readonly opsChannel: string;
  /** Null: the embedded PostgreSQL. */
  readonly databaseUrl: string | null;
  /** Null: BullMQ's PostgreSQL backend on the journal's server. */
  readonly redisUrl: string | null;
  /** Null: made once and kept in the data folder. */
  readonly auditKey: string | null;
  readonly webhook: WebhookCredentials;
  readonly dataDir: string;
  readonly runbooksDir: string;
  readonly logLevel: string;
  readonly links: {
    readonly alertmanager: string | null;
    readonly prometheus: string | null;
    readonly loki: string | null;
    readonly grafana: string | null;
  };
  /** Null: nobody is paged. */
  readonly paging: { readonly url: string; readonly routingKey: string | null } | null;
  readonly stormThreshold: number;
  readonly stormCalmMs: number;
  /** Posts a second in one channel; null: Slack's own pace. */
  readonly slackPerSecond: number | null;
  /** How long what is over is kept. */
  readonly retainIncidentsMs: number;
  readonly retainHealthMs: number;
  readonly retainNoticesMs: number;
  readonly retainUndoMs: number;
  readonly undoMaxBytes: number;
  /** Milliseconds. */
  readonly approvalExpiresAlertMs: number;
  readonly approvalExpiresPersonMs: number;
  readonly executionDeadlineMs: number;
  readonly reopenWithinMs: number;
  readonly watchdogWithinMs: number;
  /** GET every minute while all is well: a dead man’s switch outside. Null: none. */
  readonly heartbeatUrl: string | null;
  readonly heartbeatEveryMs: number;
  /** Between two looks at a system that nobody asked for; null: nobody looks unasked. */
  readonly healthEveryMs: number | null;
  /** Values that must never be shown. */
  readonly secrets: readonly string[];
}

export class ConfigError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** developer.pagerduty.com, Events API v2: what a routing key is for, unless another address is given. */
const PAGERDUTY_URL = 'https://events.pagerduty.com/v2/enqueue';
const sentinelPasswordOf = (address: RedisAddress): string =>
  address.kind === 'sentinel' ? address.sentinelPassword : '';

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** Reads `NAME`, or the file that `NAME_FILE` names; an empty value counts as absent. */
export function readVariable(env: Env, name: string): string | null {
  const file = env[`${name}_FILE`];
  const value = file ? readFileSync(file, 'utf8').trim() : env[name]?.trim();
  return value ? value : null;
}

/** @throws ConfigError naming every missing or malformed variable. */
export function loadConfig(env: Env, cwd: string): Config {
  const problems: string[] = [];
  const secrets: string[] = [];

  const text = (name: string): string | null => {
    try {
      return readVariable(env, name);
    } catch {
      problems.push(
        `${name}_FILE: can't read ${env[`${name}_FILE`]}; expected a readable file, e.g. ${name}_FILE=/run/secrets/${name.toLowerCase()}`,
      );
      return null;
    }
  };
  const secret = (name: string): string | null => {
    const value = text(name);
    if (value !== null) secrets.push(value);
    return value;
  };
  const url = (name: string, schemes: readonly string[], example: string): string | null => {
    const value = text(name);
    if (value === null) return null;
    const scheme = URL.canParse(value) ? new URL(value).protocol.slice(0, -1) : null;
    if (scheme === null || !schemes.includes(scheme)) {
      problems.push(
        `${name}: not an address with ${schemes.map((s) => `${s}://`).join(' or ')}; e.g. ${name}=${example}`,
      );
      return null;
    }
    const password = decodeURIComponent(new URL(value).password);
    if (password !== '') secrets.push(password);
    return value;
  };
  const oneOf = <T extends string>(name: string, values: readonly T[], fallback: T): T => {
    const value = text(name) ?? fallback;
    const found = values.find((v) => v === value);
    if (found === undefined) {
      problems.push(`${name}: "${value}" is not one of ${values.join(', ')}; e.g. ${name}=${fallback}`);
      return fallback;
    }
    return found;
  };
  const integer = (name: string, fallback: number, min: number, max: number): number => {
    const value = text(name);
    if (value === null) return fallback;
    const n = Number(value);
    if (Number.isInteger(n) && n >= min && n <= max) return n;
    problems.push(
      `${name}: "${value}" is not a whole number from ${min} to ${max}; e.g. ${name}=${fallback}`,
    );
    return fallback;
  };
  const duration = (name: string, fallback: string, atLeast = '1ms'): number => {
    const value = text(name) ?? fallback;
    const ms = parseDuration(value);
    if (ms !== null && ms >= (parseDuration(atLeast) ?? 0)) return ms;
    const bound = atLeast === '1ms' ? '' : ` of at least ${atLeast}`;
    problems.push(`${name}: "${value}" is not a duration${bound}; e.g. ${name}=${fallback}`);
    return parseDuration(fallback) ?? 0;
  };

  const botToken = secret('SLACK_BOT_TOKEN');
  const signingSecret = secret('SLACK_SIGNING_SECRET');
  const appToken = secret('SLACK_APP_TOKEN');
  const apiUrl = url('SLACK_API_URL', ['http', 'https'], 'https://slack.com/api/');
  const wantsSlack = [botToken, signingSecret, appToken, apiUrl].some((value) => value !== null);
  if (wantsSlack && botToken === null) {
    problems.push(
      'SLACK_BOT_TOKEN: missing; expected the bot token of the Slack app, e.g. SLACK_BOT_TOKEN=xoxb-…',
    );
  }
  if (wantsSlack && signingSecret === null && appToken === null) {
    problems.push(
      'SLACK_SIGNING_SECRET: missing; expected the signing secret of the Slack app (or SLACK_APP_TOKEN=xapp-… for Socket Mode), e.g. SLACK_SIGNING_SECRET=8f742231b10e8888abcd99yyyzzz85a5',
    );
  }

  const environmentText = text('PAGETURNER_ENV');
  const environment = ENVIRONMENTS.find((e) => e === (environmentText ?? 'dev'));
  if (environment === undefined || (wantsSlack && environmentText === null)) {
    problems.push(
      `PAGETURNER_ENV: ${environmentText === null ? 'missing (it has no default once Slack is configured)' : `"${environmentText}"`}; expected one of ${ENVIRONMENTS.join(', ')}, e.g. PAGETURNER_ENV=prod`,
    );
  }
  if (!wantsSlack && environment !== undefined && environment !== 'dev') {
    problems.push(
      `SLACK_BOT_TOKEN: missing; the local workspace, where anyone can act as anyone, starts only with PAGETURNER_ENV=dev or unset, and PAGETURNER_ENV is ${environment}`,
    );
  }

  const role = oneOf('PAGETURNER_ROLE', ['all', 'gateway', 'worker'], 'all');
  const databaseUrl = url(
    'DATABASE_URL',
    ['postgres', 'postgresql'],
    'postgres://pageturner:secret@127.0.0.1:5432/pageturner',
  );
  const redisUrl = text('REDIS_URL');
  const redis = redisUrl === null ? null : parseRedisAddress(redisUrl);
  if (redisUrl !== null && redis === null) {
    problems.push(
      'REDIS_URL: not an address with redis://, rediss:// or redis+sentinel://; e.g. REDIS_URL=redis://:secret@127.0.0.1:6379/0 or REDIS_URL=redis+sentinel://:secret@10.0.0.1:26379,10.0.0.2:26379/pageturner/0',
    );
  }
  for (const password of redis === null ? [] : [redis.password, sentinelPasswordOf(redis)])
    if (password !== '') secrets.push(password);
  if (role !== 'all' && databaseUrl === null) {
    problems.push(
      `DATABASE_URL: missing; PAGETURNER_ROLE=${role} needs a database that the other processes share, e.g. DATABASE_URL=postgres://pageturner:secret@db:5432/pageturner`,
    );
  }
  const auditKey = secret('AUDIT_KEY');
  if (auditKey === null && (role !== 'all' || environment === 'prod')) {
    problems.push(
      'AUDIT_KEY: missing; expected a long random text that is kept outside the database, e.g. AUDIT_KEY=$(openssl rand -hex 32)',
    );
  }
  if (auditKey !== null && auditKey.length < 16) {
    problems.push('AUDIT_KEY: shorter than 16 characters; e.g. AUDIT_KEY=$(openssl rand -hex 32)');
  }

  const token = secret('ALERTMANAGER_WEBHOOK_TOKEN');
  const user = text('ALERTMANAGER_WEBHOOK_USER');
  const password = secret('ALERTMANAGER_WEBHOOK_PASSWORD');
  if ((user === null) !== (password === null)) {
    const missing = user === null ? 'ALERTMANAGER_WEBHOOK_USER' : 'ALERTMANAGER_WEBHOOK_PASSWORD';
    problems.push(
      `${missing}: missing; basic authentication needs both a user and a password, e.g. ${missing}=alertmanager`,
    );
  }
  if (wantsSlack && role !== 'worker' && token === null && user === null && password === null) {
    problems.push(
      'ALERTMANAGER_WEBHOOK_TOKEN: missing; expected the bearer token that Alertmanager sends, e.g. ALERTMANAGER_WEBHOOK_TOKEN=$(openssl rand -hex 24)',
    );
  }

  // The address of a paging webhook is as good as a password.
  const pagingUrl = url('PAGING_WEBHOOK_URL', ['http', 'https'], PAGERDUTY_URL);
  if (pagingUrl !== null) secrets.push(pagingUrl);
  const routingKey = secret('PAGING_ROUTING_KEY');
  const paging =
    pagingUrl === null && routingKey === null ? null : { url: pagingUrl ?? PAGERDUTY_URL, routingKey };

  const logLevel = oneOf('LOG_LEVEL', LEVELS, 'info');
  const config: Config = {
    host: text('HOST') ?? '127.0.0.1',
    port: integer('PORT', 4280, 0, 65535),
    role,
    environment: environment ?? 'dev',
    mode: oneOf('PAGETURNER_MODE', ['act', 'observe'], 'act'),
    slack: wantsSlack && botToken !== null ? { botToken, signingSecret, appToken, apiUrl } : null,
    opsChannel: text('OPS_CHANNEL') ?? '#ops-shared',
    databaseUrl,
    redisUrl,
    auditKey,
    webhook: { token, basic: user !== null && password !== null ? { user, password } : null },
    dataDir: resolve(cwd, text('PAGETURNER_DATA') ?? '.pageturner'),
    runbooksDir: resolve(cwd, text('RUNBOOKS_DIR') ?? 'runbooks'),
    logLevel,
    links: {
      alertmanager: url('ALERTMANAGER_URL', ['http', 'https'], 'http://127.0.0.1:9093'),
      prometheus: url('PROMETHEUS_URL', ['http', 'https'], 'http://127.0.0.1:9090'),
      loki: url('LOKI_URL', ['http', 'https'], 'http://127.0.0.1:3100'),
      grafana: url('GRAFANA_URL', ['http', 'https'], 'http://127.0.0.1:3000'),
    },
    paging,
    stormThreshold: integer('STORM_THRESHOLD', 250, 1, 1_000_000),
    stormCalmMs: duration('STORM_CALM', '1m'),
    slackPerSecond: integer('SLACK_MESSAGES_PER_SECOND', 0, 0, 100_000) || null,
    retainIncidentsMs: duration('RETAIN_INCIDENTS', '365d'),
    retainHealthMs: duration('RETAIN_HEALTH', '7d'),
    retainNoticesMs: duration('RETAIN_NOTICES', '30d'),
    retainUndoMs: duration('RETAIN_UNDO', '7d'),
    undoMaxBytes: integer('UNDO_MAX_BYTES', 256 * 1024 * 1024, 0, 16 * 1024 ** 3),
    approvalExpiresAlertMs: duration('APPROVAL_EXPIRES_ALERT', '15m'),
    approvalExpiresPersonMs: duration('APPROVAL_EXPIRES_PERSON', '60m'),
    executionDeadlineMs: duration('EXECUTION_DEADLINE', '10m'),
    reopenWithinMs: duration('REOPEN_WITHIN', '10m'),
    watchdogWithinMs: duration('WATCHDOG_WITHIN', '10m'),
    heartbeatUrl: url('HEARTBEAT_URL', ['http', 'https'], 'https://hc-ping.com/your-uuid'),
    heartbeatEveryMs: duration('HEARTBEAT_EVERY', '1m'),
    healthEveryMs: text('HEALTH_EVERY') === 'off' ? null : duration('HEALTH_EVERY', '60s', '1s'),
    secrets,
  };
  const loopback = ['127.0.0.1', '::1', 'localhost'].includes(config.host);
  if (!wantsSlack && !loopback) {
    problems.push(
      `HOST: "${config.host}" is not loopback; the local workspace, where anyone can act as anyone, listens on loopback only, e.g. HOST=127.0.0.1`,
    );
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}
