/** What the local workspace remembers: messages, files and views, with an append-only file behind them if one is given. */
import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import type { Json } from './json.ts';
import { readLog } from './log-file.ts';
import type { Message, NewMessage, StoredFile } from './message.ts';

export type { Message, StoredFile } from './message.ts';

export interface View {
  readonly id: string;
  readonly user: string;
  readonly view: Json;
}

export interface Call {
  readonly at: number;
  readonly method: string;
  readonly args: Json;
  /** `ok`, or the error it was answered with. */
  readonly answer: string;
}

export interface Store {
  /** Those not deleted, in the order in which they were posted. */
  readonly messages: () => readonly Message[];
  find(channel: string, ts: string): Message | null;
  /** Also one that was deleted, as long as replies of its thread live on. */
  findRoot(channel: string, ts: string): Message | null;
  /** What has been said in a message's thread, in order, and not deleted. */
  replies(root: Message): readonly Message[];
  add(message: NewMessage): Message;
  /** Null metadata: what was there stays. */
  edit(message: Message, text: string, blocks: readonly Json[] | null, metadata: Json | null): Message;
  react(message: Message, name: string): void;
  remove(message: Message): void;
  /** Every version a message has had, oldest first. */
  history(channel: string, ts: string): readonly Message[];
  readonly views: Map<string, View>;
  /** The view published as each person's App Home. */
  readonly homes: Map<string, Json>;
  readonly files: ReadonlyMap<string, StoredFile>;
  putFile(file: StoredFile): void;
  readonly calls: Call[];
  /** Called after every change. */
  onChange(listener: () => void): () => void;
  changed(): void;
}

const CALLS_KEPT = 20_000;
const keyOf = (channel: string, ts: string) => `${channel}/${ts}`;

export function openStore(file: string | null): Store {
  const byKey = new Map<string, Message>();
  const versions = new Map<string, Message[]>();
  const threads = new Map<string, string[]>();
  const files = new Map<string, StoredFile>();
  const listeners = new Set<() => void>();
  const calls: Call[] = [];
  let lastMicros = 0;

  function thread(channel: string, ts: string): string[] {
    const key = keyOf(channel, ts);
    const keys = threads.get(key) ?? [];
    threads.set(key, keys);
    return keys;
  }
  function keep(message: Message): void {
    const key = keyOf(message.channel, message.ts);
    byKey.set(key, message);
    const known = versions.get(key);
    if (known !== undefined) known.push(message);
    else {
      versions.set(key, [message]);
      if (message.threadTs !== null) thread(message.channel, message.threadTs).push(key);
    }
    lastMicros = Math.max(lastMicros, Math.round(Number(message.ts) * 1e6));
  }
  if (file !== null) {
    readLog(file, keep, (stored) => files.set(stored.id, stored));
  }
  function append(line: object): void {
    if (file !== null) appendFileSync(file, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  }
  function changed(): void {
    if (calls.length > CALLS_KEPT) calls.splice(0, calls.length - CALLS_KEPT);
    for (const listener of listeners) listener();
  }
  function write(message: Message): Message {
    keep(message);
    append(message);
    changed();
    return message;
  }
  /** Slack's: seconds and microseconds, never the same twice. */
  function nextTs(): string {
    lastMicros = Math.max(lastMicros + 1, Date.now() * 1000);
    return `${Math.floor(lastMicros / 1e6)}.${String(lastMicros % 1e6).padStart(6, '0')}`;
  }
  const repliesTo = (root: Message): readonly Message[] =>
    thread(root.channel, root.ts)
      .map((key) => byKey.get(key))
      .filter((message) => message !== undefined)
      .filter((message) => !message.deleted);
  const present = (message: Message): Message => byKey.get(keyOf(message.channel, message.ts)) ?? message;
  return {
    messages: () => [...byKey.values()].filter((message) => !message.deleted),
    find(channel, ts) {
      const message = byKey.get(keyOf(channel, ts));
      return message === undefined || message.deleted ? null : message;
    },
    findRoot(channel, ts) {
      const message = byKey.get(keyOf(channel, ts));
      return message === undefined || (message.deleted && repliesTo(message).length === 0) ? null : message;
    },
    replies: repliesTo,
    add: (message) => write({ files: [], ...message, ts: nextTs(), reactions: [], edits: 0, deleted: false }),
    edit(message, text, blocks, metadata) {
      const now = present(message);
      return write({ ...now, text, blocks, metadata: metadata ?? now.metadata, edits: now.edits + 1 });
    },
    react(message, name) {
      const now = present(message);
      write({ ...now, reactions: [...now.reactions, name] });
    },
    remove: (message) => void write({ ...present(message), deleted: true }),
    history: (channel, ts) => versions.get(keyOf(channel, ts)) ?? [],
    views: new Map(),
    homes: new Map(),
    files,
    putFile(stored) {
      files.set(stored.id, stored);
      if (stored.state === 'complete') append({ file: { ...stored, body: stored.body.toString('base64') } });
      changed();
    },
    calls,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    changed,
  };
}

export const newId = (prefix: string): string => `${prefix}${randomBytes(5).toString('hex').toUpperCase()}`;
