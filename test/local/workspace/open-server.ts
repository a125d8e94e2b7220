/** A workspace with a bot that only listens: what it was told, and the official client to talk back with. */
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { LogLevel, WebClient } from '@slack/web-api';
import { startWorkspaceServer, type WorkspaceOptions } from '../../../src/local/workspace/index.ts';
import { CHANNELS } from '../../../src/local/workspace/people.ts';

export const TOKEN = 'xoxb-test';
export const APP_TOKEN = 'xapp-test';
export const SECRET = 'signing-secret';
export const ops = CHANNELS.ops.id;

export interface Told {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly form: URLSearchParams;
  /** The interaction's payload; {} for a command. */
  readonly payload: Readonly<Record<string, unknown>>;
}

/** `answer`: the body of the bot's acknowledgement; `afterMs`: how long it takes. */
export async function openServer(
  extra: Partial<WorkspaceOptions> = {},
  answer: () => { readonly body?: string; readonly afterMs?: number } = () => ({}),
) {
  const told: Told[] = [];
  const bot = createServer((req, res) => {
    let body = '';
    req.on('data', (part) => {
      body += part;
    });
    req.on('end', async () => {
      const form = new URLSearchParams(body);
      const payload: Told['payload'] = JSON.parse(form.get('payload') ?? '{}');
      told.push({ headers: req.headers, body, form, payload });
      const { body: said = '', afterMs = 0 } = answer();
      await sleep(afterMs);
      res.end(said);
    });
  });
  await new Promise<void>((resolve) => bot.listen(0, '127.0.0.1', resolve));
  const address = bot.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const server = await startWorkspaceServer({
    file: null,
    signingSecret: SECRET,
    botToken: TOKEN,
    appToken: APP_TOKEN,
    eventsUrl: () => `http://127.0.0.1:${port}/slack/events`,
    log: () => undefined,
    pace: null,
    ...extra,
  });
  const slack = client(server.apiUrl);
  return {
    ...server,
    told,
    slack,
    /** `ok`, or the error that Slack would have answered with. */
    call: (method: string, args: object) => outcome(slack.apiCall(method, { ...args })),
    async stop() {
      await server.stop();
      bot.closeAllConnections();
      await new Promise((resolve) => bot.close(resolve));
    },
  };
}
export type OpenServer = Awaited<ReturnType<typeof openServer>>;

export const client = (slackApiUrl: string, token = TOKEN): WebClient =>
  new WebClient(token, {
    slackApiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: 5000,
    logger: {
      debug() {},
      info() {},
      warn() {},
      error() {},
      setLevel() {},
      getLevel: () => LogLevel.ERROR,
      setName() {},
    },
  });

export function outcome(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'ok',
    (error: { data?: { error?: string }; message: string }) => error.data?.error ?? error.message,
  );
}

export const plain = (length: number, type = 'plain_text') => ({ type, text: 'x'.repeat(length) });
