/** Acting as somebody: type a command, click a button, send a modal, exactly as Slack would tell the bot. */
import { readView } from './api/views.ts';
import { deliver, type Sent } from './deliver.ts';
import { isObject, text } from './json.ts';
import { BOT, CHANNELS } from './people.ts';
import { parseJson } from './read-body.ts';
import {
  clickPayload,
  closedPayload,
  commandBody,
  type Filled,
  findElement,
  homeOpened,
  mentioned,
  type RequestDeps,
  reacted,
  shortcutPayload,
  submitPayload,
} from './requests.ts';
import type { Message, View } from './store.ts';

export interface Acting {
  /** `/ops health moalog` */
  command(line: string, channel?: string): Promise<Sent>;
  /** By the button's label or its action id; `selected`: the values ticked. @throws when it isn't there. */
  click(
    ts: string,
    wanted: string,
    options?: {
      readonly channel?: string;
      readonly blockId?: string;
      readonly selected?: readonly string[];
      readonly change?: (payload: Record<string, unknown>) => void;
    },
  ): Promise<Sent>;
  /** By block and input. The dialog closes, changes, or stays with the bot's errors, as the bot answers. */
  submit(viewId: string, values: Filled): Promise<Sent>;
  close(viewId: string): Promise<void>;
  openHome(): Promise<Sent>;
  /** Delivered to the bot where it mentions it. */
  say(channel: string, threadTs: string | null, text: string): Promise<Sent | null>;
  /** An emoji on somebody's message. */
  react(channel: string, ts: string, emoji: string): Promise<Sent>;
  /** A message shortcut, by its callback id. */
  shortcut(channel: string, ts: string, callbackId: string): Promise<Sent>;
}

export function actAs(deps: RequestDeps, user: string): Acting {
  const { store } = deps;
  const ownView = (viewId: string): View => {
    const view = store.views.get(viewId);
    if (view === undefined || view.user !== user) throw new Error('there is no such dialog');
    return view;
  };
  const there = (channel: string, ts: string): Message => {
    const message = store.find(channel, ts);
    if (message === null) throw new Error(`there is no message ${ts}`);
    return message;
  };
  return {
    async command(line, channel = CHANNELS.ops.id) {
      const [command = '', ...words] = line.trim().split(' ');
      const sent = await deliver(
        deps,
        'slash_commands',
        commandBody(deps, user, channel, command, words.join(' ')),
      );
      // A body in the acknowledgement is an answer for that person alone.
      if (sent.status === 200 && sent.body !== '')
        store.add({
          channel,
          threadTs: null,
          user: BOT.id,
          text: answerText(sent.body),
          blocks: null,
          metadata: null,
          visibleTo: user,
        });
      return sent;
    },
    async click(ts, wanted, options = {}) {
      const message = store.find(options.channel ?? CHANNELS.ops.id, ts);
      const found = message === null ? null : findElement(message, wanted, options.blockId ?? null);
      if (message === null || found === null) throw new Error(`there is no "${wanted}" on the message ${ts}`);
      const payload = clickPayload(deps, user, message, found, options.selected, options.change);
      return deliver(deps, 'interactive', payload);
    },
    async submit(viewId, values) {
      const view = ownView(viewId);
      const sent = await deliver(deps, 'interactive', submitPayload(deps, user, view.view, values));
      if (sent.status === 200) takeAnswer(deps, view, sent.body);
      return sent;
    },
    async close(viewId) {
      const { view } = ownView(viewId);
      store.views.delete(viewId);
      store.changed();
      if (view.notify_on_close === true) await deliver(deps, 'interactive', closedPayload(user, view));
    },
    openHome: () => deliver(deps, 'events_api', homeOpened(user)),
    async say(channel, threadTs, text) {
      const message = store.add({
        channel,
        threadTs,
        user,
        text,
        blocks: null,
        metadata: null,
        visibleTo: null,
      });
      if (!text.includes(`<@${BOT.id}>`)) return null;
      return deliver(deps, 'events_api', mentioned(message));
    },
    react(channel, ts, emoji) {
      const message = there(channel, ts);
      store.react(message, emoji);
      return deliver(deps, 'events_api', reacted(user, emoji, message));
    },
    shortcut: (channel, ts, callbackId) =>
      deliver(deps, 'interactive', shortcutPayload(deps, user, callbackId, there(channel, ts))),
  };
}

/** `errors` keeps the dialog, `update` changes it, anything else closes it. */
function takeAnswer({ store }: RequestDeps, view: View, body: string): void {
  const answer = parseJson(body);
  const action = isObject(answer) ? answer.response_action : undefined;
  if (action === 'errors') return;
  store.views.delete(view.id);
  if (action === 'update' && isObject(answer)) {
    const next = readView(store, answer.view, view.id, 'modal');
    if (!('ok' in next)) store.views.set(view.id, { ...view, view: next });
  }
  store.changed();
}

/** What a dialog's answer says is wrong, by block; null: nothing. */
export function dialogErrors(body: string): Readonly<Record<string, string>> | null {
  const answer = parseJson(body);
  if (!isObject(answer) || answer.response_action !== 'errors' || !isObject(answer.errors)) return null;
  return Object.fromEntries(Object.entries(answer.errors).map(([block, why]) => [block, text(why)]));
}

function answerText(body: string): string {
  const answer = parseJson(body);
  return isObject(answer) && typeof answer.text === 'string' ? answer.text : body;
}
