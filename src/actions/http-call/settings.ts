/** What a step says beside `action: http.call`. */
import { z } from 'zod';
import { valuesSchema } from '../places.ts';

export const callSettings = z.strictObject({
  /** Its name in system.yaml. */
  call: z.string().min(1).max(63),
  with: valuesSchema,
});
export type CallSettings = z.output<typeof callSettings>;
