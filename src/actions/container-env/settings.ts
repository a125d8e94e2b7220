/** What a step says beside `action: container.env`, and what may never be said. */
import { z } from 'zod';
import type { Environment } from '../../domain/target.ts';

export const envSettings = z.strictObject({
  name: z
    .string()
    .max(200)
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/u, 'expected the name of a variable'),
  /** Shown in the plan and kept in the journal, so never a secret. */
  value: z
    .string()
    .max(4096)
    .regex(/^[^\0\r\n]*$/u, 'expected one line'),
});
export type EnvSettings = z.output<typeof envSettings>;

/** Lets everything pass while the fraud check is away. */
const FAIL_OPEN = 'SENTINEL_FAIL_OPEN';
const SECRET = /passw|secret|token|credential|private|api_?key|_key$|dsn$/iu;

/** A reason for a person, whoever asks; or null. */
export function whyForbidden({ name, value }: EnvSettings, environment: Environment): string | null {
  if (name === FAIL_OPEN && value.trim().toLowerCase() !== 'false' && environment === 'prod') {
    return `${FAIL_OPEN} is never switched on in prod: unchecked transactions would pass. Bring Sentinel back instead`;
  }
  if (SECRET.test(name)) {
    return `${name} looks like a secret, and a step's value is shown and kept: set it where the container is defined`;
  }
  return null;
}

/** A warning for the plan, or nothing. */
export function sayRisk({ name, value }: EnvSettings): readonly string[] {
  if (name !== FAIL_OPEN || value.trim().toLowerCase() === 'false') return [];
  return [
    '⚠ while Sentinel is away, every transaction passes unchecked: set it back as soon as Sentinel answers',
  ];
}
