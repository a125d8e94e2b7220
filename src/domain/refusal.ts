/** Why somebody may not do something now: one of a few fixed words, in a whole sentence. */

/** The words that acceptance checks and people look for in a refusal. */
export type RefusalWord =
  | 'not authorised'
  | 'your own request'
  | 'already decided'
  | 'expired'
  | 'superseded'
  | 'wrong channel'
  | 'wrong workspace'
  | 'outside the window'
  | 'freeze'
  | 'halted'
  | 'unknown request';

export interface Refusal {
  readonly word: RefusalWord;
  /** A whole sentence that contains the word. */
  readonly sentence: string;
}
