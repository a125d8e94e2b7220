/** What bringing a message up to date needs. */
import type { Engine } from '../../engine/core/engine.ts';
import type { MessageRow } from '../../journal/messages.ts';
import type { AnswerPerson } from '../answer-person.ts';
import type { SlackPort } from '../slack-client.ts';
import type { PostMemory } from './was-posted.ts';

export interface Projection {
  readonly engine: Engine;
  readonly slack: SlackPort;
  /** Told of what Slack refuses, for `/readyz`; null: this message is as it should be. */
  readonly report: (row: MessageRow, problem: string | null) => void;
  readonly learn: (channel: string, id: string) => void;
  readonly answer: AnswerPerson;
  readonly memory: PostMemory;
}

export const keyOf = (row: Pick<MessageRow, 'surface' | 'subject' | 'slot'>): string =>
  `${row.surface}/${row.subject}/${row.slot}`;
