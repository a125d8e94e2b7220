/** The configuration as the rest of the program sees it. */
import type { Environment } from '../domain/target.ts';

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
  /** Whose role owns the journal's tables; null: the bot's own does, or whoever runs `pageturner migrate`. */
  readonly databaseOwnerUrl: string | null;
  readonly databaseSchema: string;
  /** Null: BullMQ's PostgreSQL backend on the journal's server. */
  readonly redisUrl: string | null;
  /** Null: made once and kept in the data folder. */
  readonly auditKey: string | null;
  /** Keys from before a rotation, the newest first: they verify and decrypt what is older. */
  readonly auditKeysBefore: readonly string[];
  readonly auditHeadFile: string | null;
  readonly auditHeadUrl: string | null;
  readonly webhook: WebhookCredentials;
  /** Amazon's topics whose subscription is confirmed when SNS asks for it. */
  readonly snsTopics: readonly string[];
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
  readonly stormThresholdUnknown: number;
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
  readonly conditionEveryMs: number;
  /** GET every minute while all is well: a dead man’s switch outside. Null: none. */
  readonly heartbeatUrl: string | null;
  readonly heartbeatEveryMs: number;
  /** Between two looks at a system that nobody asked for; null: nobody looks unasked. */
  readonly healthEveryMs: number | null;
  /** Values that must never be shown. */
  readonly secrets: readonly string[];
}
