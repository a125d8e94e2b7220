/** What Slack sends to the bot when somebody types or clicks: the same bodies, signed the same way. */
import { createHmac, randomBytes } from 'node:crypto';
import { request } from 'undici';
import { BOT, channels, everyone, TEAM } from './people.ts';
import type { ResponseUrls } from './response-urls.ts';
import type { Json, Message, Store } from './store.ts';
import type { Triggers } from './triggers.ts';

export interface RequestDeps {
  readonly store: Store;
  readonly triggers: Triggers;
  readonly responseUrls: ResponseUrls;
  readonly signingSecret: string;
  readonly eventsUrl: () => string;
}

export interface Sent {
  readonly status: number;
  readonly body: string;
  /** Milliseconds until the bot's answer. */
  readonly ms: number;
}

const TIMEOUT_MS = 3000;

/** Slack's signature, version 0 (docs.slack.dev, "Verifying requests from Slack"). */
export function sign(secret: string, timestamp: number, body: string): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
}

/** Form-encodes, signs and posts. Rejects when the bot does not answer within Slack's three seconds. */
export async function post(deps: RequestDeps, form: Readonly<Record<string, string>>): Promise<Sent> {
  const body = new URLSearchParams(form).toString();
  const timestamp = Math.floor(Date.now() / 1000);
  const begun = performance.now();
  const answer = await request(deps.eventsUrl(), {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': String(timestamp),
      'x-slack-signature': sign(deps.signingSecret, timestamp, body),
    },
    body,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  return { status: answer.statusCode, body: await answer.body.text(), ms: performance.now() - begun };
}

function who(user: string): Json {
  const name = everyone.find((person) => person.id === user)?.name.toLowerCase() ?? user;
  return { id: user, username: name, name, team_id: TEAM.id };
}

function where(channel: string): Json {
  return {
    id: channel,
    name: channels.find((candidate) => candidate.id === channel)?.name ?? 'directmessage',
  };
}

const common = (): Json => ({
  team: { id: TEAM.id, domain: TEAM.domain },
  api_app_id: BOT.appId,
  token: 'local',
  enterprise: null,
  is_enterprise_install: false,
});

export function commandForm(
  deps: RequestDeps,
  user: string,
  channel: string,
  command: string,
  text: string,
): Record<string, string> {
  return {
    token: 'local',
    team_id: TEAM.id,
    team_domain: TEAM.domain,
    channel_id: channel,
    channel_name: String(where(channel).name),
    user_id: user,
    user_name: String(who(user).name),
    command,
    text,
    api_app_id: BOT.appId,
    is_enterprise_install: 'false',
    response_url: deps.responseUrls.give({ user, channel, message: null }),
    trigger_id: deps.triggers.give(user),
  };
}

/** The button (or checkboxes) of a message, by its action id or its label. */
export function findElement(
  message: Message,
  wanted: string,
): { readonly blockId: string; readonly element: Json } | null {
  for (const [index, block] of (message.blocks ?? []).entries()) {
    const accessory = block.accessory === undefined ? [] : [block.accessory];
    for (const candidate of [...((block.elements as readonly unknown[] | undefined) ?? []), ...accessory]) {
      const element = candidate as Json;
      const label = (element.text as { text?: string } | undefined)?.text;
      if (element.action_id === wanted || (element.type === 'button' && label === wanted)) {
        return { blockId: typeof block.block_id === 'string' ? block.block_id : `b${index}`, element };
      }
    }
  }
  return null;
}

/** `change` edits the payload before it is signed: for tests of what must be refused. */
export function clickForm(
  deps: RequestDeps,
  user: string,
  message: Message,
  found: { readonly blockId: string; readonly element: Json },
  change: (payload: Record<string, unknown>) => void = () => undefined,
): Record<string, string> {
  const { element, blockId } = found;
  const payload: Record<string, unknown> = {
    ...common(),
    type: 'block_actions',
    user: who(user),
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: message.channel,
      is_ephemeral: message.visibleTo !== null,
      ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
    },
    trigger_id: deps.triggers.give(user),
    channel: where(message.channel),
    message: {
      type: 'message',
      user: message.user,
      ts: message.ts,
      bot_id: BOT.botId,
      text: message.text,
      blocks: message.blocks ?? [],
      ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
    },
    state: { values: {} },
    response_url: deps.responseUrls.give({ user, channel: message.channel, message }),
    actions: [
      { ...element, block_id: blockId, action_ts: `${(Date.now() / 1000).toFixed(6)}${randomBytes(1)[0]}` },
    ],
  };
  change(payload);
  return { payload: JSON.stringify(payload) };
}

export function submitForm(
  user: string,
  view: Json,
  values: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Record<string, string> {
  const state = Object.fromEntries(
    Object.entries(values).map(([blockId, inputs]) => [
      blockId,
      Object.fromEntries(
        Object.entries(inputs).map(([actionId, value]) => [actionId, { type: 'plain_text_input', value }]),
      ),
    ]),
  );
  const payload = {
    ...common(),
    type: 'view_submission',
    user: who(user),
    view: {
      ...view,
      team_id: TEAM.id,
      app_id: BOT.appId,
      bot_id: BOT.botId,
      hash: 'h',
      state: { values: state },
    },
    response_urls: [],
  };
  return { payload: JSON.stringify(payload) };
}
