/** Acting as somebody: type a command, click a button, send a modal, exactly as Slack would tell the bot. */

import { BOT, CHANNELS } from './people.ts';
import {
  clickForm,
  commandForm,
  findElement,
  post,
  type RequestDeps,
  type Sent,
  submitForm,
} from './requests.ts';

export interface Acting {
  /** `/ops health moalog` */
  command(line: string, channel?: string): Promise<Sent>;
  /** By the button's label or its action id. @throws when the message or the button isn't there. */
  click(
    ts: string,
    wanted: string,
    options?: { readonly channel?: string; readonly change?: (payload: Record<string, unknown>) => void },
  ): Promise<Sent>;
  submit(viewId: string, values: Readonly<Record<string, Readonly<Record<string, string>>>>): Promise<Sent>;
  close(viewId: string): void;
  say(channel: string, threadTs: string | null, text: string): void;
}

export function actAs(deps: RequestDeps, user: string): Acting {
  const { store } = deps;
  return {
    async command(line, channel = CHANNELS.ops.id) {
      const [command = '', ...words] = line.trim().split(' ');
      const sent = await post(deps, commandForm(deps, user, channel, command, words.join(' ')));
      // A body in the acknowledgement is an answer for that person alone.
      if (sent.body !== '')
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
    click(ts, wanted, options = {}) {
      const message = store.find(options.channel ?? CHANNELS.ops.id, ts);
      const found = message === null ? null : findElement(message, wanted);
      if (message === null || found === null) throw new Error(`there is no "${wanted}" on the message ${ts}`);
      return post(deps, clickForm(deps, user, message, found, options.change));
    },
    async submit(viewId, values) {
      const view = store.views.get(viewId);
      if (view === undefined || view.user !== user) throw new Error('there is no such dialog');
      const sent = await post(deps, submitForm(user, view.view, values));
      if (sent.status === 200 && !sent.body.includes('"errors"')) {
        store.views.delete(viewId);
        store.changed();
      }
      return sent;
    },
    close(viewId) {
      store.views.delete(viewId);
      store.changed();
    },
    say(channel, threadTs, text) {
      store.add({ channel, threadTs, user, text, blocks: null, metadata: null, visibleTo: null });
    },
  };
}

function answerText(body: string): string {
  try {
    const parsed = JSON.parse(body) as { text?: string };
    return parsed.text ?? body;
  } catch {
    return body;
  }
}
