/** What stands in for everything that isn't configured: the database, Slack, and something to break. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { DEFAULT_DOCKER_HOST } from '../clients/docker.ts';
import type { Config, Env, SlackConfig, WebhookCredentials } from '../config.ts';
import { keepSecret } from './keep-secret.ts';

export interface LocalParts {
  /** The process's environment, over what local mode lays under it. */
  readonly env: Env;
  readonly databaseUrl: string;
  /** Whose role owns the journal; null: it is made by somebody else, or the bot's own role owns it. */
  readonly ownerUrl: string | null;
  readonly slack: SlackConfig;
  readonly webhook: WebhookCredentials;
  readonly workspace: ((req: IncomingMessage, res: ServerResponse) => Promise<boolean>) | null;
  readonly sandboxOnly: boolean;
  readonly secrets: readonly string[];
  readonly firstWords: readonly string[];
  stop(): Promise<void>;
}

/** `port`: where the bot listens; known once the server is up. Nothing here is opened that the configuration names. */
export async function openLocalParts(
  config: Config,
  env: Env,
  port: () => number,
  log: Logger,
  signal: AbortSignal,
): Promise<LocalParts> {
  const database = config.databaseUrl === null ? await openDatabase(config, signal) : null;
  const databaseUrl = config.databaseUrl ?? database?.url ?? '';
  const ownerUrl = database?.ownerUrl ?? config.databaseOwnerUrl;
  if (config.slack !== null) {
    return {
      env,
      databaseUrl,
      ownerUrl,
      slack: config.slack,
      webhook: config.webhook,
      workspace: null,
      sandboxOnly: false,
      secrets: passwordOf(databaseUrl),
      firstWords: [],
      stop: async () => database?.stop(),
    };
  }
  const { openWorkspace } = await import('./workspace/index.ts');
  const { PEOPLE } = await import('./workspace/people.ts');
  const { openSandbox } = await import('./sandbox/open-sandbox.ts');
  const base = () => `http://127.0.0.1:${port()}`;
  const botToken = `xoxb-local-${keepSecret(config.dataDir, 'slack-token')}`;
  const signingSecret = keepSecret(config.dataDir, 'slack-signing-secret');
  const token = config.webhook.token ?? keepSecret(config.dataDir, 'webhook-token');
  const tell = (message: string, fields: object = {}): void => log.info(fields, message);
  const sandbox = await openSandbox({
    dataDir: config.dataDir,
    webhook: { url: () => `${base()}/alertmanager`, token },
    postgresUrl: databaseUrl,
    dockerHost: env.MOALOG_DOCKER_HOST || env.DOCKER_HOST || DEFAULT_DOCKER_HOST,
    log: tell,
    signal,
  });
  const workspace = await openWorkspace({
    file: join(config.dataDir, 'workspace.jsonl'),
    signingSecret,
    botToken,
    eventsUrl: () => `${base()}/slack/events`,
    baseUrl: base,
    sandbox: sandbox.panel,
    log: tell,
  });
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  return {
    env: {
      ROLE_TECH_LEAD: PEOPLE.lead.id,
      ROLE_ON_CALL: PEOPLE.onCall.id,
      ROLE_DUTY_OFFICER: PEOPLE.duty.id,
      ...sandbox.env,
      ...given,
    },
    databaseUrl,
    ownerUrl,
    slack: { botToken, signingSecret, appToken: null, apiUrl: `${base()}/slack-workspace/api/` },
    webhook: { token, basic: config.webhook.basic },
    workspace: (req, res) => workspace.handle(req, res),
    sandboxOnly: true,
    secrets: [
      botToken,
      signingSecret,
      token,
      ...passwordOf(databaseUrl),
      ...Object.values(sandbox.env).flatMap(passwordOf),
    ],
    firstWords: sandbox.firstWords,
    async stop() {
      await sandbox.stop();
      await workspace.close();
      await database?.stop();
    },
  };
}

async function openDatabase(
  config: Config,
  signal: AbortSignal,
): Promise<{ url: string; ownerUrl: string; stop(): Promise<void> }> {
  const { openEmbeddedPostgres } = await import('./embedded-postgres.ts');
  return openEmbeddedPostgres({ dataDir: config.dataDir, signal });
}

function passwordOf(url: string): readonly string[] {
  if (!URL.canParse(url)) return [];
  const password = decodeURIComponent(new URL(url).password);
  return password === '' ? [] : [password];
}
