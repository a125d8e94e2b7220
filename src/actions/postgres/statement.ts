/** Settings that hold a statement: one that only reads, with bounds in time and rows. */
import { z } from 'zod';
import { parseDuration } from '../../domain/duration.ts';
import { actingFunction } from '../../domain/harmless-sql.ts';

const LONGEST_MS = 600_000;

export const statement = z
  .string()
  .min(1)
  .max(4000)
  .superRefine((sql, context) => {
    const acts = actingFunction(sql);
    if (acts !== null)
      context.addIssue({
        code: 'custom',
        message: `it calls ${acts}(), which acts; expected a statement that only reads`,
      });
  });

export const statementTimeout = z
  .string()
  .refine((text) => {
    const ms = parseDuration(text);
    return ms !== null && ms >= 1 && ms <= LONGEST_MS;
  }, 'a duration such as 30s, at most 10m')
  .optional();

/** Milliseconds the server gives a statement: as the step says, and never longer than the action has. */
export function statementMs(written: string | undefined, timeoutMs: number): number {
  return Math.min(timeoutMs, (written === undefined ? null : parseDuration(written)) ?? timeoutMs);
}
