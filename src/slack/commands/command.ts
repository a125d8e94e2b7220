/** What a slash command is: one file each, listed in index.ts. */
import type { Asker } from '../answer-person.ts';
import type { SlackContext } from '../slack-context.ts';

export interface CommandAsk {
  readonly words: readonly string[];
  /** Everything after the command's own word, as typed. */
  readonly rest: string;
  readonly asker: Asker;
  /** The same command, sent again, has the same key. */
  readonly key: string;
}

export interface Command {
  readonly name: string;
  /** `health [SYSTEM [SERVICE]]` */
  readonly usage: string;
  readonly says: string;
  /** What to tell the person alone; null: a message in the channel says it. */
  run(context: SlackContext, ask: CommandAsk): Promise<string | null>;
}
