/** A click on a button, as far as it is believed: who, where and which; what it means is looked up. */
import type { Asker } from '../answer-person.ts';

export interface Click {
  readonly asker: Asker;
  readonly team: string | null;
  readonly action: string;
  readonly value: string;
  readonly triggerId: string;
  /** The same click, sent again, has the same key. */
  readonly key: string;
}
