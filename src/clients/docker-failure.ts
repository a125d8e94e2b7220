/** What a Docker engine answered when it did not do what was asked. */
import { z } from 'zod';

const failure = z.object({ statusCode: z.number(), message: z.string() });

export interface EngineFailure {
  readonly statusCode: number;
  readonly message: string;
}

/** The engine's answer, when it did answer: `null` means that the call may not have got there. */
export function answeredWith(error: unknown): EngineFailure | null {
  const answer = failure.safeParse(error);
  return answer.success ? answer.data : null;
}
