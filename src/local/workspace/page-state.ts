/** Everything that the page shows to the person it acts as. */
import { shownFile } from './api/show-message.ts';
import { isObject, type Json, objects, text } from './json.ts';
import { BOT, CHANNELS, channels, everyone } from './people.ts';
import type { SandboxPanel } from './sandbox-panel.ts';
import type { Message, Store } from './store.ts';

const TRIES = [
  'Type “/ops health moalog”: twelve services answer in one message.',
  'Press “Fill Redis” below: a thread opens by itself and says what is wrong.',
  'In the thread, click “Flush the cache database” as Sam, then “Approve” as Tara.',
];

const nameOf = (user: string): string =>
  user === BOT.id ? BOT.name : (everyone.find((person) => person.id === user)?.name ?? user);

/** A picture that names an uploaded file is shown from here. */
function withAddress(block: Json): Json {
  const { slack_file: file } = block;
  if (!isObject(file)) return block;
  return { ...block, image_url: `/slack-workspace/file/${encodeURIComponent(text(file.id))}` };
}

function shown(store: Store, message: Message): Json {
  const files = message.files.map((id) => store.files.get(id)).filter((file) => file !== undefined);
  return {
    channel: message.channel,
    ts: message.ts,
    threadTs: message.threadTs,
    user: message.user,
    userName: nameOf(message.user),
    isBot: message.user === BOT.id,
    text: message.text,
    blocks: message.blocks?.map(withAddress) ?? null,
    files: files.map(shownFile),
    reactions: message.reactions,
    edited: message.edits > 0,
    ephemeral: message.visibleTo !== null,
  };
}

function homeOf(store: Store, me: string): readonly Json[] | null {
  const home = store.homes.get(me);
  return home === undefined ? null : (objects(home.blocks) ?? []).map(withAddress);
}

export async function stateFor(
  deps: { readonly store: Store; readonly sandbox: SandboxPanel | null },
  as: string,
): Promise<object> {
  const { store, sandbox } = deps;
  const me = everyone.some((person) => person.id === as) ? as : (everyone[0]?.id ?? '');
  const view = [...store.views.values()].findLast((candidate) => candidate.user === me);
  return {
    me,
    people: everyone,
    channels,
    defaultChannel: CHANNELS.ops.id,
    messages: store
      .messages()
      .filter((message) => message.visibleTo === null || message.visibleTo === me)
      .map((message) => shown(store, message)),
    /** Null: nothing has been published for this person. */
    home: homeOf(store, me),
    view: view === undefined ? null : { id: view.id, view: view.view },
    sandbox: sandbox === null ? null : await sandbox.state(),
    tries: sandbox === null ? [] : TRIES,
    notice: null,
  };
}
