/** What Slack tells the bot when somebody types or clicks: the same bodies (docs.slack.dev, "Interaction payloads"). */
import { withIds } from './api/content.ts';
import { shownMessage } from './api/show-message.ts';
import type { DeliverDeps } from './deliver.ts';
import { isObject, type Json, list, objects } from './json.ts';
import { BOT, channels, everyone, TEAM } from './people.ts';
import type { ResponseUrls } from './response-urls.ts';
import { type Message, newId, type Store } from './store.ts';
import type { Triggers } from './triggers.ts';

export { type Sent, sign } from './deliver.ts';

export interface RequestDeps extends DeliverDeps {
  readonly store: Store;
  readonly triggers: Triggers;
  readonly responseUrls: ResponseUrls;
}

/** What was filled in: of each block, of each input, its text or the values chosen. */
export type Filled = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

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

const now = (): string => `${(Date.now() / 1000).toFixed(3)}000`;

export function commandBody(
  deps: RequestDeps,
  user: string,
  channel: string,
  command: string,
  text: string,
): Json {
  return {
    token: 'local',
    team_id: TEAM.id,
    team_domain: TEAM.domain,
    channel_id: channel,
    channel_name: where(channel).name,
    user_id: user,
    user_name: who(user).name,
    command,
    text,
    api_app_id: BOT.appId,
    is_enterprise_install: 'false',
    response_url: deps.responseUrls.give({ user, channel, message: null }),
    trigger_id: deps.triggers.give(user),
  };
}

export interface FoundElement {
  readonly blockId: string;
  readonly element: Json;
}

/** The button (or checkboxes) of a message, by its action id or its label. */
export function findElement(message: Message, wanted: string, blockId: string | null): FoundElement | null {
  for (const block of withIds(message.blocks ?? [])) {
    if (blockId !== null && block.block_id !== blockId) continue;
    const elements = [...list(block.elements), block.accessory, block.element].filter(isObject);
    for (const element of elements) {
      const label = isObject(element.text) ? element.text.text : null;
      if (element.action_id === wanted || (element.type === 'button' && label === wanted))
        return { blockId: String(block.block_id), element };
    }
  }
  return null;
}

const chosen = (element: Json, values: readonly string[]): readonly Json[] =>
  (objects(element.options) ?? []).filter((option) => values.includes(String(option.value)));

/** What an element says of itself once it has been used. */
function stateOf(element: Json, value: string | readonly string[] | undefined): Json {
  const values = value === undefined ? [] : typeof value === 'string' ? [value] : value;
  const { type } = element;
  if (type === 'checkboxes') return { type, selected_options: chosen(element, values) };
  if (type === 'static_select' || type === 'radio_buttons' || type === 'overflow')
    return { type, selected_option: chosen(element, values)[0] ?? null };
  return { type, value: values[0] === undefined || values[0] === '' ? null : values[0] };
}

/** `change` edits the payload before it is signed: for tests of what must be refused. */
export function clickPayload(
  deps: RequestDeps,
  user: string,
  message: Message,
  { element, blockId }: FoundElement,
  selected: readonly string[] = [],
  change: (payload: Record<string, unknown>) => void = () => undefined,
): Json {
  const isButton = element.type === 'button';
  const actionId = String(element.action_id);
  const used = isButton ? element : stateOf(element, selected);
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
    message: shownMessage(deps.store, message, false),
    state: { values: isButton ? {} : { [blockId]: { [actionId]: used } } },
    response_url: deps.responseUrls.give({ user, channel: message.channel, message }),
    actions: [{ ...used, action_id: actionId, block_id: blockId, action_ts: now() }],
  };
  change(payload);
  return payload;
}

/** @throws when something that must be filled in isn't: Slack doesn't let such a dialog be sent. */
export function submitPayload(deps: RequestDeps, user: string, view: Json, filled: Filled): Json {
  const inputs = (objects(view.blocks) ?? []).filter((block) => block.type === 'input');
  const values = inputs.map((block) => {
    const [element, blockId] = [isObject(block.element) ? block.element : {}, String(block.block_id)];
    const actionId = String(element.action_id);
    const value = filled[blockId]?.[actionId];
    const label = isObject(block.label) ? String(block.label.text) : blockId;
    if (block.optional !== true && (value === undefined || value.length === 0))
      throw new Error(`“${label}” must be filled in`);
    return [blockId, { [actionId]: stateOf(element, value) }] as const;
  });
  return {
    ...common(),
    type: 'view_submission',
    user: who(user),
    trigger_id: deps.triggers.give(user),
    view: { ...view, state: { values: Object.fromEntries(values) } },
    response_urls: [],
  };
}

export function closedPayload(user: string, view: Json): Json {
  return { ...common(), type: 'view_closed', user: who(user), view, is_cleared: false };
}

function eventBody(event: Json): Json {
  return {
    token: 'local',
    team_id: TEAM.id,
    api_app_id: BOT.appId,
    type: 'event_callback',
    event_id: newId('Ev'),
    event_time: Math.floor(Date.now() / 1000),
    authorizations: [{ team_id: TEAM.id, user_id: BOT.id, is_bot: true, is_enterprise_install: false }],
    event: { event_ts: now(), ...event },
  };
}

export const homeOpened = (user: string): Json =>
  eventBody({ type: 'app_home_opened', user, channel: 'D0LOCALHM', tab: 'home' });

/** A message of a person that mentions the bot. */
export const mentioned = (message: Message): Json =>
  eventBody({
    type: 'app_mention',
    user: message.user,
    text: message.text,
    ts: message.ts,
    channel: message.channel,
    ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
  });

export const reacted = (user: string, reaction: string, message: Message): Json =>
  eventBody({
    type: 'reaction_added',
    user,
    reaction,
    item: { type: 'message', channel: message.channel, ts: message.ts },
    item_user: message.user,
  });

export function shortcutPayload(deps: RequestDeps, user: string, callbackId: string, message: Message): Json {
  return {
    ...common(),
    type: 'message_action',
    callback_id: callbackId,
    trigger_id: deps.triggers.give(user),
    response_url: deps.responseUrls.give({ user, channel: message.channel, message }),
    message_ts: message.ts,
    action_ts: now(),
    user: who(user),
    channel: where(message.channel),
    message: shownMessage(deps.store, message, false),
  };
}
