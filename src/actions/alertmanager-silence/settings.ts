/** What a step says beside `action: alertmanager.silence`. */
import { z } from 'zod';
import { parseDuration } from '../../domain/duration.ts';
import { matches, parseMatchers } from '../../domain/matchers.ts';

/** Milliseconds: a day, then somebody must look again. */
const LONGEST_MS = 24 * 3_600_000;
const SHORTEST_MS = 60_000;
const rule = 'a duration from 1m to 24h, such as 30m';

export const silenceSettings = z.strictObject({
  matchers: z
    .string()
    .max(1000)
    .refine((text) => {
      const parsed = parseMatchers(text);
      // One that matches what has no labels matches everything.
      return 'matchers' in parsed && !parsed.matchers.every((matcher) => matches(matcher, {}));
    }, 'matchers as in system="moalog", service="redis", which do not match every alert'),
  duration: z.string(rule).refine((text) => {
    const ms = parseDuration(text);
    return ms !== null && ms >= SHORTEST_MS && ms <= LONGEST_MS;
  }, rule),
  comment: z.string().trim().min(1).max(300),
});
export type SilenceSettings = z.output<typeof silenceSettings>;
