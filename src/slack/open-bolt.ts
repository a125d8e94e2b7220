/** Bolt, over HTTP or Socket Mode: every request is verified, then answered at once, then worked on. */

import type { RequestListener } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { App, type Logger as BoltLogger, HTTPReceiver, LogLevel, SocketModeReceiver } from '@slack/bolt';
import type { Logger } from 'pino';
import type { SlackConfig } from '../config.ts';
import { registerCommands } from './commands/register-commands.ts';
import { registerHome } from './home/register-home.ts';
import { registerInteractions } from './interactions/register-interactions.ts';
import { registerMentions } from './mentions/register-mentions.ts';
import { registerNotes } from './mentions/register-notes.ts';
import type { SlackContext } from './slack-context.ts';
import { createVerifiedListener, isObject } from './verified-listener.ts';

export interface BoltApp {
  /** For `POST /slack/events`; null in Socket Mode without a signing secret. */
  readonly listener: RequestListener | null;
  /** Begins to connect, in Socket Mode; once connected, Bolt reconnects by itself. */
  start(): void;
  stop(): Promise<void>;
}

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
          logger,
          unhandledRequestTimeoutMillis: 2500,
        });
  const socket =
    config.appToken === null
      ? null
      : new SocketModeReceiver({
          appToken: config.appToken,
          logger,
          // Its own reconnecting gives up after some errors, with a promise that nobody catches.
          autoReconnectEnabled: false,
          installerOptions: { clientOptions },
        });
  const stopping = new AbortController();
  const authorize = async () => ({ botToken: config.botToken });
  for (const receiver of [http, socket]) {
    if (receiver === null) continue;
    const app = new App({ receiver, authorize, logger, clientOptions, ignoreSelf: false, convoStore: false });
    app.error(async (error) => log.error({ err: error }, 'a Slack request failed'));
    acknowledgeAll(app, log);
    registerCommands(app, context);
    registerInteractions(app, context);
    registerHome(app, context);
    registerMentions(app, context);
    registerNotes(app, context);
  }
  return {
    listener:
      http === null || config.signingSecret === null
        ? null
        : createVerifiedListener(http, config.signingSecret, log),
    start() {
      if (socket !== null) void keepConnecting(socket, log, stopping.signal);
    },
    async stop() {
      stopping.abort();
      if (socket !== null) await socket.stop().catch(() => undefined);
    },
  };
}

/** What no listener takes (`app_rate_limited`, a shortcut, `block_suggestion` …) is acknowledged too: Slack would send it again. */
function acknowledgeAll(app: App, log: Logger): void {
  const process = app.processEvent.bind(app);
  app.processEvent = async (event) => {
    let isAnswered = false;
    if (isObject(event.body)) {
      await process({
        ...event,
        ack: async (response) => {
          isAnswered = true;
          await event.ack(response);
        },
      });
    }
    if (isAnswered) return;
    log.info({ type: event.body?.type }, 'a request of Slack that nothing here works on');
    await event.ack();
  };
}

const CONNECT_AGAIN_MS = 3000;

/** Connected as long as the bot runs: Slack may be away when it starts, and ends a connection every few hours. */
async function keepConnecting(socket: SocketModeReceiver, log: Logger, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const ended = new Promise<void>((resolve) => {
      socket.client.once('disconnected', () => resolve());
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    try {
      await socket.start();
      await ended;
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
