/** A target that can't be reached or doesn't answer as it should: a finding for a probe, a reason for an action. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
  readonly state: 'down' | 'degraded' | 'unknown';

  /** `reason`: one line for a person, without secrets. */
  constructor(state: 'down' | 'degraded' | 'unknown', reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.state = state;
  }
}

/** It answers, but not us: the server is alive, and the password in our configuration is probably old. */
export function refusedCredentials(detail: string, cause?: unknown): TargetError {
  return new TargetError('degraded', `answers, but refuses the credentials (${detail})`, { cause });
}

const SHOWN = 60;

/** What came instead of the right answer, cut to 60 characters. */
export function wrongAnswer(came: string, cause?: unknown): TargetError {
  const line = came.replace(/\s+/gu, ' ').trim();
  const shown = line.length > SHOWN ? `${line.slice(0, SHOWN - 1)}…` : line;
  return new TargetError('down', `wrong answer: ${shown === '' ? '(empty)' : shown}`, { cause });
}
