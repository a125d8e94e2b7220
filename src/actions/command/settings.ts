/** What a step says beside `action: command`. */
import { z } from 'zod';
import { valuesSchema } from '../places.ts';

export const commandSettings = z.strictObject({
  /** Its name in system.yaml. */
  program: z.string().min(1).max(63),
  with: valuesSchema,
});
export type CommandSettings = z.output<typeof commandSettings>;
