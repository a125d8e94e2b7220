/** The environment, read once and typed. Every bad variable is one line that names it and shows an example. */
import { resolve } from 'node:path';
import type { Config } from './config/config-types.ts';
import { ConfigError, type Env, readVariables } from './config/read-variables.ts';
import { brokenRules, wantsSlack } from './config/rules.ts';
import { PAGERDUTY_URL } from './config/variables/people-variables.ts';
import type { Settings } from './config/variables.ts';

export type { Config, SlackConfig, WebhookCredentials } from './config/config-types.ts';
export { ConfigError, type Env, readSetting } from './config/read-variables.ts';

/** @throws ConfigError naming every missing or malformed variable. */
export function loadConfig(env: Env, cwd: string): Config {
  const read = readVariables(env);
  const problems = [...read.problems, ...brokenRules(read)];
  if (problems.length > 0) throw new ConfigError(problems);
  const { settings: values, secrets } = read;
  return {
    ...processOf(values, cwd),
    ...slackOf(values, wantsSlack(read)),
    ...journalOf(values),
    ...alertsOf(values),
    ...peopleOf(values),
    secrets,
  };
}

const processOf = (values: Settings, cwd: string) => ({
  host: values.HOST,
  port: values.PORT,
  role: values.PAGETURNER_ROLE,
  environment: values.PAGETURNER_ENV ?? ('dev' as const),
  mode: values.PAGETURNER_MODE,
  dataDir: resolve(cwd, values.PAGETURNER_DATA),
  runbooksDir: resolve(cwd, values.RUNBOOKS_DIR),
  logLevel: values.LOG_LEVEL,
});

const slackOf = (values: Settings, wanted: boolean) => ({
  slack:
    wanted && values.SLACK_BOT_TOKEN !== null
      ? {
          botToken: values.SLACK_BOT_TOKEN,
          signingSecret: values.SLACK_SIGNING_SECRET,
          appToken: values.SLACK_APP_TOKEN,
          apiUrl: values.SLACK_API_URL,
        }
      : null,
  opsChannel: values.OPS_CHANNEL,
  slackPerSecond: values.SLACK_MESSAGES_PER_SECOND || null,
  stormThreshold: values.STORM_THRESHOLD,
  stormThresholdUnknown: values.STORM_THRESHOLD_UNKNOWN,
  stormCalmMs: values.STORM_CALM,
});

const journalOf = (values: Settings) => ({
  databaseUrl: values.DATABASE_URL,
  databaseOwnerUrl: values.DATABASE_OWNER_URL,
  databaseSchema: values.DATABASE_SCHEMA,
  redisUrl: values.REDIS_URL,
  auditKey: values.AUDIT_KEY,
  auditKeysBefore: values.AUDIT_KEY_PREVIOUS ?? [],
  auditHeadFile: values.AUDIT_HEAD_FILE,
  auditHeadUrl: values.AUDIT_HEAD_URL,
  undoMaxBytes: values.UNDO_MAX_BYTES,
  retainIncidentsMs: values.RETAIN_INCIDENTS,
  retainHealthMs: values.RETAIN_HEALTH,
  retainNoticesMs: values.RETAIN_NOTICES,
  retainUndoMs: values.RETAIN_UNDO,
});

function alertsOf(values: Settings) {
  const [user, password] = [values.ALERTMANAGER_WEBHOOK_USER, values.ALERTMANAGER_WEBHOOK_PASSWORD];
  return {
    webhook: {
      token: values.ALERTMANAGER_WEBHOOK_TOKEN,
      basic: user !== null && password !== null ? { user, password } : null,
    },
    snsTopics: values.SNS_TOPIC_ARN ?? [],
    links: {
      alertmanager: values.ALERTMANAGER_URL,
      prometheus: values.PROMETHEUS_URL,
      loki: values.LOKI_URL,
      grafana: values.GRAFANA_URL,
    },
    reopenWithinMs: values.REOPEN_WITHIN,
    watchdogWithinMs: values.WATCHDOG_WITHIN,
    conditionEveryMs: values.CONDITION_EVERY,
    healthEveryMs: values.HEALTH_EVERY.ms,
  };
}

function peopleOf(values: Settings) {
  const [url, routingKey] = [values.PAGING_WEBHOOK_URL, values.PAGING_ROUTING_KEY];
  return {
    approvalExpiresAlertMs: values.APPROVAL_EXPIRES_ALERT,
    approvalExpiresPersonMs: values.APPROVAL_EXPIRES_PERSON,
    executionDeadlineMs: values.EXECUTION_DEADLINE,
    paging: url === null && routingKey === null ? null : { url: url ?? PAGERDUTY_URL, routingKey },
    heartbeatUrl: values.HEARTBEAT_URL,
    heartbeatEveryMs: values.HEARTBEAT_EVERY,
  };
}
