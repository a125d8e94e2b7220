/** Bolt, over HTTP or Socket Mode: every request is verified, then answered at once, then worked on. */

import type { RequestListener } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { App, type Logger as BoltLogger, HTTPReceiver, LogLevel, SocketModeReceiver } from '@slack/bolt';
import type { Logger } from 'pino';
import type { SlackConfig } from '../config.ts';
import { registerCommands } from './commands/register-commands.ts';
import { registerHome } from './home/register-home.ts';
import { registerInteractions } from './interactions/register-interactions.ts';
import type { SlackContext } from './slack-context.ts';

export interface BoltApp {
  /** For `POST /slack/events`; null in Socket Mode without a signing secret. */
  readonly listener: RequestListener | null;
  /** Begins to connect, in Socket Mode; once connected, Bolt reconnects by itself. */
  start(): void;
  stop(): Promise<void>;
}

/** Slack's payloads are far smaller; a larger body is refused before it is read. */
const BODY_LIMIT = '1mb';

export function openBolt(config: SlackConfig, context: SlackContext): BoltApp {
  const { log } = context.engine;
  const logger = boltLogger(log);
  const clientOptions =
    config.apiUrl === null
      ? {}
      : { slackApiUrl: config.apiUrl.endsWith('/') ? config.apiUrl : `${config.apiUrl}/` };
  const http =
    config.signingSecret === null
      ? null
      : new HTTPReceiver({
          signingSecret: config.signingSecret,
          endpoints: ['/slack/events'],
          bodyLimit: BODY_LIMIT,
          logger,
          unhandledRequestTimeoutMillis: 2500,
        });
  const socket =
    config.appToken === null
      ? null
      : new SocketModeReceiver({ appToken: config.appToken, logger, installerOptions: { clientOptions } });
  const stopping = new AbortController();
  const authorize = async () => ({ botToken: config.botToken });
  for (const receiver of [http, socket]) {
    if (receiver === null) continue;
    const app = new App({ receiver, authorize, logger, clientOptions, ignoreSelf: false, convoStore: false });
    app.error(async (error) => log.error({ err: error }, 'a Slack request failed'));
    registerCommands(app, context);
    registerInteractions(app, context);
    registerHome(app, context);
  }
  return {
    listener: http === null ? null : http.requestListener,
    start() {
      if (socket !== null) void keepConnecting(socket, log, stopping.signal);
    },
    async stop() {
      stopping.abort();
      if (socket !== null) await socket.stop().catch(() => undefined);
    },
  };
}

const CONNECT_AGAIN_MS = 3000;

/** Slack may be away when the bot starts: everything else works meanwhile. */
async function keepConnecting(socket: SocketModeReceiver, log: Logger, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await socket.start();
      return;
    } catch (error) {
      log.warn({ err: error }, 'Socket Mode could not connect; it tries again');
      await sleep(CONNECT_AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

function boltLogger(log: Logger): BoltLogger {
  const child = log.child({ part: 'bolt' });
  const text = (parts: unknown[]): string =>
    parts.map((part) => (part instanceof Error ? part.message : String(part))).join(' ');
  return {
    debug: (...parts) => child.trace(text(parts)),
    info: (...parts) => child.debug(text(parts)),
    warn: (...parts) => child.warn(text(parts)),
    error: (...parts) => child.error(text(parts)),
    setLevel() {},
    getLevel: () => LogLevel.INFO,
    setName() {},
  };
}
