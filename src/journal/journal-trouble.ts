/** A journal that can't be used as it is configured: one line each, with what to set or to run. */
export class JournalTrouble extends Error {
  constructor(problems: readonly string[], cause?: unknown) {
    super(problems.join('\n'), cause === undefined ? undefined : { cause });
    this.name = 'JournalTrouble';
  }
}
