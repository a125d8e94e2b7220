/** What the local workspace remembers: messages and views, with an append-only file behind them if one is given. */

import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

export type Json = Readonly<Record<string, unknown>>;

export interface Message {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs: string | null;
  /** A person's id, or the bot's. */
  readonly user: string;
  readonly text: string;
  readonly blocks: readonly Json[] | null;
  readonly metadata: Json | null;
  /** Null: everyone. */
  readonly visibleTo: string | null;
  readonly edits: number;
  readonly deleted: boolean;
}

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
  readonly messages: () => readonly Message[];
  find(channel: string, ts: string): Message | null;
  add(message: Omit<Message, 'ts' | 'edits' | 'deleted'>): Message;
  edit(message: Message, text: string, blocks: readonly Json[] | null, metadata: Json | null): Message;
  remove(message: Message): void;
  /** Every version a message has had, oldest first. */
  history(channel: string, ts: string): readonly Message[];
  readonly views: Map<string, View>;
  /** The view published as each person's App Home. */
  readonly homes: Map<string, Json>;
  readonly files: Map<string, { readonly name: string; readonly body: Buffer }>;
  readonly calls: Call[];
  /** Called after every change. */
  onChange(listener: () => void): () => void;
  changed(): void;
}

const CALLS_KEPT = 20_000;

export function openStore(file: string | null): Store {
  const byKey = new Map<string, Message>();
  const versions = new Map<string, Message[]>();
  const listeners = new Set<() => void>();
  const calls: Call[] = [];
  let lastMicros = 0;
  const keyOf = (channel: string, ts: string) => `${channel}/${ts}`;

  function keep(message: Message): void {
    const key = keyOf(message.channel, message.ts);
    byKey.set(key, message);
    versions.set(key, [...(versions.get(key) ?? []), message]);
    lastMicros = Math.max(lastMicros, Math.round(Number(message.ts) * 1e6));
  }
  if (file !== null && existsSync(file)) {
    for (const line of readFileSync(file, 'utf8').split('\n'))
      if (line !== '') keep(parseLine(line) ?? emptyMessage());
  }
  function write(message: Message): Message {
    keep(message);
    if (file !== null) appendFileSync(file, `${JSON.stringify(message)}\n`, { mode: 0o600 });
    changed();
    return message;
  }
  function changed(): void {
    if (calls.length > CALLS_KEPT) calls.splice(0, calls.length - CALLS_KEPT);
    for (const listener of listeners) listener();
  }
  /** Slack's: seconds and microseconds, never the same twice. */
  function nextTs(): string {
    lastMicros = Math.max(lastMicros + 1, Date.now() * 1000);
    return `${Math.floor(lastMicros / 1e6)}.${String(lastMicros % 1e6).padStart(6, '0')}`;
  }
  return {
    messages: () =>
      [...byKey.values()].filter((message) => !message.deleted).sort((a, b) => (a.ts < b.ts ? -1 : 1)),
    find: (channel, ts) => {
      const message = byKey.get(keyOf(channel, ts));
      return message === undefined || message.deleted ? null : message;
    },
    add: (message) => write({ ...message, ts: nextTs(), edits: 0, deleted: false }),
    edit: (message, text, blocks, metadata) =>
      write({ ...message, text, blocks, metadata: metadata ?? message.metadata, edits: message.edits + 1 }),
    remove: (message) => void write({ ...message, deleted: true }),
    history: (channel, ts) => versions.get(keyOf(channel, ts)) ?? [],
    views: new Map(),
    homes: new Map(),
    files: new Map(),
    calls,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    changed,
  };
}

/** A line cut off by a crash is no message. */
function parseLine(line: string): Message | null {
  try {
    return JSON.parse(line) as Message;
  } catch {
    return null;
  }
}

function emptyMessage(): Message {
  return {
    channel: '',
    ts: '0',
    threadTs: null,
    user: '',
    text: '',
    blocks: null,
    metadata: null,
    visibleTo: null,
    edits: 0,
    deleted: true,
  };
}

export const newId = (prefix: string): string => `${prefix}${randomBytes(5).toString('hex').toUpperCase()}`;
