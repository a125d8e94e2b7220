/** What commands and interactions are given. */
import type { Engine } from '../engine/core/engine.ts';
import type { AnswerPerson } from './answer-person.ts';
import type { Budget } from './budget.ts';
import type { SlackDirectory } from './directory.ts';
import type { SlackPort } from './slack-client.ts';

export interface SlackContext {
  readonly engine: Engine;
  readonly slack: SlackPort;
  readonly directory: SlackDirectory;
  readonly answer: AnswerPerson;
  readonly budget: Budget;
  /** Whether a variable has a value where the bot runs; never which. */
  readonly isSet: (name: string) => boolean;
}
