/** What a step says beside `action: rabbitmq.purge`. */
import { z } from 'zod';

export const purgeSettings = z.strictObject({
  queue: z.string().min(1).max(255),
  /** The management API's port: then what the queue was declared with is part of what it is. */
  managementPort: z.int().min(1).max(65_535).optional(),
});
export type PurgeSettings = z.output<typeof purgeSettings>;
