/** The three kinds of file, as they are written. Steps are looked into later, with the schema of their own kind. */
import { z } from 'zod';
import { DANGERS } from '../domain/action.ts';
import { parseDuration } from '../domain/duration.ts';
import { ENVIRONMENTS } from '../domain/target.ts';

export const NAME = /^[a-z][a-z0-9-]{0,62}$/u;
export const nameRule = 'a name of lower-case letters, digits and "-", at most 63, beginning with a letter';
const name = z.string().regex(NAME, nameRule);
const text = z.string().trim().min(1).max(2000);
const shortText = z.string().trim().min(1).max(150);
/** One text, or a list of them. */
const texts = z
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
const facts = z
  .record(z.string(), fact)
  .refine((value) => Object.keys(value).length > 0, 'at least one fact');
const expectation = z.union([fact, facts], 'a value, or a map of facts and values');
/** Slack shows a button's label up to 75 characters. */
const label = z.string().trim().min(1).max(75);

/** A service's name, or `{parameter}` that chooses one. */
const serviceName = z
  .string()
  .regex(/^(?:[a-z][a-z0-9-]{0,62}|\{[a-z][a-z0-9-]{0,62}\})$/u, `${nameRule}; or a parameter: {name}`);

/** Keys of a probe step that are its own; all others are settings of its kind. */
export const probeFields = z.object({
  probe: z.string(),
  service: serviceName.optional(),
  title: shortText.optional(),
  expect: expectation.optional(),
  within: duration('0s', '10m').optional(),
  timeout: duration('100ms', '5m').optional(),
});

export const actionFields = z.object({
  action: z.string(),
  service: serviceName.optional(),
  title: shortText.optional(),
  danger: z.enum(DANGERS).optional(),
  timeout: duration('1s', '60m').optional(),
});

export const taskFields = z.strictObject({ task: text, title: shortText.optional() });

const paramCommon = {
  says: shortText,
  default: z.union([z.string(), z.number()]).transform(String).optional(),
};
const sample = z.union([z.string(), z.number()]).transform(String);
export const paramFields = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('date'), ...paramCommon, example: sample.optional() }),
  z.strictObject({
    type: z.literal('integer'),
    ...paramCommon,
    min: z.int().default(0),
    max: z.int().default(1_000_000),
    example: sample.optional(),
  }),
  z.strictObject({
    type: z.literal('choice'),
    ...paramCommon,
    of: z.array(z.string().min(1).max(100)).min(1).max(50),
    example: sample.optional(),
  }),
  z.strictObject({
    type: z.literal('text'),
    ...paramCommon,
    pattern: z.string().max(200).optional(),
    example: sample,
  }),
]);
export type ParamFields = z.infer<typeof paramFields>;

export const conditionFields = z.object({
  probe: z.string(),
  service: name.optional(),
  holds: facts,
  says: shortText,
  within: duration('0s', '10m').optional(),
});

export const linkFields = z.union(
  [
    shortText,
    z.strictObject({ title: shortText, url: text }),
    z.strictObject({
      title: shortText,
      service: name,
      path: z.string().startsWith('/', 'a path that begins with /').optional(),
    }),
  ],
  "the title of one of the system's links, or a map of title and url, or of title, service and path",
);
export type LinkFields = z.infer<typeof linkFields>;

/** A map, looked into later. */
const map = z.record(z.string(), z.unknown());

export const optionFields = z.strictObject({
  title: label,
  propose: z.boolean().default(false),
  caution: text.optional(),
  steps: z.array(map).min(1).max(50),
});

export const runbookFile = z.strictObject({
  version: z.literal(1),
  title: shortText,
  triggers: z.array(z.string().min(1).max(1000)).max(50).default([]),
  symptoms: texts.default([]),
  impact: texts.default([]),
  condition: map.optional(),
  diagnose: z.array(map).max(50).default([]),
  params: z.record(name, paramFields).default({}),
  /** An operation: what /ops run does, step by step. */
  steps: z.array(map).max(50).default([]),
  recover: z.array(map).max(25).default([]),
  verify: z.array(map).max(50).default([]),
  notes: texts.default([]),
  links: z.array(linkFields).max(20).optional(),
  escalate: z
    .strictObject({ after: duration('1m', '24h'), to: z.enum(['on-call', 'tech-lead', 'duty-officer']) })
    .optional(),
});
export type RunbookFile = z.infer<typeof runbookFile>;

const environments = z.partialRecord(z.enum(ENVIRONMENTS), text);

export const serviceFields = z.strictObject({
  url: z.union([text, environments], 'an address, or a map of dev, test and prod to addresses').optional(),
  container: text.optional(),
  /** `health: false`: no part of health, so there is no probe. */
  health: z.literal(false).optional(),
  probe: map.optional(),
  sharedWith: texts.optional(),
  notes: texts.optional(),
});
export type ServiceFields = z.infer<typeof serviceFields>;

const argument = z.string().min(1).max(500);
const programFields = z.strictObject({
  says: shortText,
  /** An argument array; never a shell's line. */
  run: z.array(argument).min(1).max(50),
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
});
export type ProgramFields = z.infer<typeof programFields>;

const callFields = z.strictObject({
  says: shortText,
  service: name,
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  path: z.string().startsWith('/', 'a path that begins with /').max(500),
  query: z.record(z.string(), z.string().max(500)).default({}),
  headers: z.record(z.string(), z.string().max(2000)).default({}),
  body: z.unknown().optional(),
  expect: z.array(z.number().int().min(100).max(599)).min(1).default([200]),
  danger: z.enum(DANGERS).default('destructive'),
});
export type CallFields = z.infer<typeof callFields>;

export const systemFile = z.strictObject({
  version: z.literal(1),
  title: shortText,
  extends: name.optional(),
  environment: z.enum(ENVIRONMENTS).optional(),
  services: z.record(name, serviceFields).default({}),
  links: z.array(linkFields).max(20).optional(),
  resilience: z
    .array(
      z.strictObject({
        call: shortText,
        timeout: shortText,
        onFailure: text,
        failsOpen: z.boolean().default(false),
      }),
    )
    .optional(),
  objectives: z.array(z.strictObject({ name: shortText, objective: text })).optional(),
  variables: z
    .record(shortText, z.array(z.string().regex(/^[A-Z][A-Z0-9_]*$/u, 'the name of a variable')))
    .optional(),
  compose: z
    .strictObject({
      file: text.optional(),
      projects: z
        .array(
          z.union([text, z.strictObject({ name: text, file: text })], 'a name, or a map of name and file'),
        )
        .max(20)
        .default([]),
      volumes: z.array(text).max(200).default([]),
    })
    .optional(),
  programs: z.record(name, programFields).optional(),
  calls: z.record(name, callFields).optional(),
  notes: texts.optional(),
});
export type SystemFile = z.infer<typeof systemFile>;

const people = z.union(
  [z.string(), z.array(z.string())],
  'Slack ids, separated by commas, or a list of them',
);
export const orgFile = z.strictObject({
  version: z.literal(1),
  roles: z.strictObject({
    'tech-lead': people.optional(),
    'on-call': people.optional(),
    'duty-officer': people.optional(),
  }),
});
