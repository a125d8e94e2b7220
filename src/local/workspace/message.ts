/** What the workspace keeps: a version of a message, and a file. */
import type { Json } from './json.ts';

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
  /** Ids of the files shared with it. */
  readonly files: readonly string[];
  readonly reactions: readonly string[];
  readonly edits: number;
  readonly deleted: boolean;
}

export type NewMessage = Omit<Message, 'ts' | 'edits' | 'deleted' | 'files' | 'reactions'> &
  Partial<Pick<Message, 'files'>>;

export interface StoredFile {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly body: Buffer;
  /** As in Slack, three calls: an address to upload to, the upload, its completion. */
  readonly state: 'asked' | 'uploaded' | 'complete';
  /** Milliseconds since 1970: from then on a block may name it, as Slack takes a moment; left out: at once. */
  readonly readyAt?: number;
}
