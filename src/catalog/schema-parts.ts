/** What the schemas of all files are made of. */
import { z } from 'zod';
import { parseDuration } from '../domain/duration.ts';

export const NAME = /^[a-z][a-z0-9-]{0,62}$/u;
export const nameRule = 'a name of lower-case letters, digits and "-", at most 63, beginning with a letter';
export const name = z.string().regex(NAME, nameRule);
export const text = z.string().trim().min(1).max(2000);
export const shortText = z.string().trim().min(1).max(150);
/** One text, or a list of them. */
export const texts = z
  .union([text, z.array(text).max(50)], 'a text, or a list of texts')
  .transform((value) => (typeof value === 'string' ? [value] : value));

/** Milliseconds between the bounds; written as `30s`, `15m`. */
export function duration(min: string, max: string) {
  const [low, high] = [parseDuration(min) ?? 0, parseDuration(max) ?? 0];
  const rule = `a duration from ${min} to ${max}, such as 30s or 5m`;
  return z
    .string(rule)
    .refine((value) => {
      const ms = parseDuration(value);
      return ms !== null && ms >= low && ms <= high;
    }, rule)
    .transform((value) => parseDuration(value) ?? 0);
}

export const fact = z.union(
  [z.string().max(200), z.number(), z.boolean(), z.null()],
  'a text, a number, true or false',
);
export const facts = z
  .record(z.string(), fact)
  .refine((value) => Object.keys(value).length > 0, 'at least one fact');
