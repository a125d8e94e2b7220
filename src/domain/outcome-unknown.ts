/** Thrown when nobody can tell whether the irreversible call took effect: the step is interrupted, never retried. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';
}
