/** What a system declares beside its services: programs, calls, objectives and watches. */
import { z } from 'zod';
import { DANGERS } from '../domain/action.ts';
import { placesIn } from '../domain/params.ts';
import { name, shortText, text } from './schema-parts.ts';

/** Variables whose values may be shown: every other value from outside is a secret. */
const publicNames = z
  .array(z.string().regex(/^[A-Z][A-Z0-9_]*$/u, 'the name of a variable'))
  .max(50)
  .default([]);
const argument = z.string().min(1).max(500);
export const programFields = z.strictObject({
  says: shortText,
  /** An argument array; never a shell's line. */
  run: z
    .array(argument)
    .min(1)
    .max(50)
    .refine(([program = '']) => placesIn(program).length === 0, 'a program that is named without a {place}'),
  in: z.union(
    [z.strictObject({ folder: text }), z.strictObject({ container: name })],
    'a map of folder, or of container with the name of a service',
  ),
  danger: z.enum(DANGERS).default('destructive'),
  /** Names of variables that the program is given from the bot's own environment. */
  environment: z
    .array(z.string().regex(/^[A-Z][A-Z0-9_]*$/u, 'the name of a variable'))
    .max(50)
    .default([]),
  public: publicNames,
});
export type ProgramFields = z.infer<typeof programFields>;

export const callFields = z.strictObject({
  says: shortText,
  service: name,
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  path: z.string().startsWith('/', 'a path that begins with /').max(500),
  query: z.record(z.string(), z.string().max(500)).default({}),
  headers: z.record(z.string(), z.string().max(2000)).default({}),
  public: publicNames,
  body: z.unknown().optional(),
  idempotencyKey: z.boolean().default(false),
  expect: z.array(z.number().int().min(100).max(599)).min(1).default([200]),
  danger: z.enum(DANGERS).default('destructive'),
});
export type CallFields = z.infer<typeof callFields>;
const promql = text;
/** What Prometheus calls a duration, one unit of it: `5m`, `30d`. */
const promWindow = z.string().regex(/^[1-9]\d{0,3}[smhdw]$/u, 'a duration such as 5m or 30d');
const unit = z.string().trim().max(20).default('');

export const objective = z
  .strictObject({
    name: shortText,
    objective: text,
    service: name.optional(),
    query: promql.optional(),
    target: z.number().optional(),
    better: z.enum(['higher', 'lower']).optional(),
    unit,
    window: promWindow.optional(),
  })
  .refine(({ target, better }) => (target === undefined) === (better === undefined), {
    path: ['target'],
    message: 'target and better go together: a number, and whether higher or lower is better',
  });

export const watch = z.strictObject({
  name: shortText,
  service: name.optional(),
  query: promql,
  bound: z
    .string()
    .regex(/^(<=|>=) ?-?\d+(\.\d+)?$/u, 'a bound such as "<= 5" or ">= 0.9"')
    .optional(),
  unit,
  window: promWindow.optional(),
});
export type ObjectiveFields = z.infer<typeof objective>;
export type WatchFields = z.infer<typeof watch>;
