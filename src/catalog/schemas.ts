/** The three kinds of file, as they are written. Steps are looked into later, with the schema of their own kind. */
import { z } from 'zod';
import { DANGERS } from '../domain/action.ts';
import { TARGET_STATES } from '../domain/runbook.ts';
import { ENVIRONMENTS } from '../domain/target.ts';
import { channel } from './alerts-schema.ts';
import { callFields, objective, programFields, watch } from './declared-schema.ts';
import { duration, fact, facts, name, nameRule, shortText, text, texts } from './schema-parts.ts';

const expectation = z.union([fact, facts], 'a value, or a map of facts and values');
/** Slack shows a button's label up to 75 characters. */
const label = z.string().trim().min(1).max(75);

/** A service's name, or `{parameter}` that chooses one. */
const serviceName = z
  .string()
  .regex(/^(?:[a-z][a-z0-9-]{0,62}|\{[a-z][a-z0-9-]{0,62}\})$/u, `${nameRule}; or a parameter: {name}`);

/** How many people approve: the journal knows one and two. */
function people() {
  return z.number().int().min(1).max(2);
}

/** Keys of a probe step that are its own; all others are settings of its kind. */
export const probeFields = z.object({
  probe: z.string(),
  service: serviceName.optional(),
  title: shortText.optional(),
  expect: expectation.optional(),
  within: duration('0s', '10m').optional(),
  timeout: duration('100ms', '5m').optional(),
});

/**
 * A further check of a service; a deep one costs something, and is made only when somebody asks for that service. One
 * with a line stands in the system's health and in App Home, and changes no service's state.
 */
export const checkFields = probeFields.omit({ within: true }).extend({
  deep: z.boolean().default(false),
  line: z.boolean().default(false),
});

export const actionFields = z.object({
  action: z.string(),
  service: serviceName.optional(),
  title: shortText.optional(),
  danger: z.enum(DANGERS).optional(),
  timeout: duration('1s', '60m').optional(),
  approvals: z
    .union(
      [people(), z.partialRecord(z.enum(ENVIRONMENTS), people())],
      '1 or 2 people, or a map of dev, test and prod to them',
    )
    .optional(),
  resumes: name.optional(),
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
  /** Facts of the probe, or what it says of its target as a whole. */
  holds: z.union(
    [z.enum(TARGET_STATES), facts],
    `a map of facts and values, or ${TARGET_STATES.join(' or ')}`,
  ),
  says: shortText,
  within: duration('0s', '10m').optional(),
  /** Alertmanager's matchers: the condition of these alerts alone. */
  alerts: z
    .union([z.string().min(1).max(1000), z.array(z.string().min(1).max(1000)).min(1).max(20)])
    .transform((value) => (typeof value === 'string' ? [value] : value))
    .optional(),
  /** False: it shows that an option fits; that it is gone says nothing of the alert. */
  mitigates: z.literal(false).optional(),
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

/** A metric over the last hour, drawn in the thread. */
const picture = z.strictObject({
  /** PromQL. */
  query: z.string().trim().min(1).max(4000),
  title: shortText,
  unit: z.string().trim().min(1).max(20).optional(),
  threshold: z.number().optional(),
});
export type PictureFields = z.infer<typeof picture>;

export const runbookFile = z.strictObject({
  version: z.literal(1),
  title: shortText,
  triggers: z.array(z.string().min(1).max(1000)).max(50).default([]),
  symptoms: texts.default([]),
  impact: texts.default([]),
  /** Several, of different alerts: the first that fits. */
  condition: z.union([map, z.array(map).min(1).max(10)], 'a map, or a list of maps').optional(),
  picture: picture.optional(),
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

/** Roles that may approve changes beside the tech lead. */
const approvers = z
  .array(z.enum(['tech-lead', 'duty-officer']))
  .min(1)
  .max(2);

export const serviceFields = z.strictObject({
  url: z.union([text, environments], 'an address, or a map of dev, test and prod to addresses').optional(),
  container: text.optional(),
  /** `health: false`: no part of health, so there is no probe. */
  health: z.literal(false).optional(),
  probe: map.optional(),
  checks: z.array(map).max(20).optional(),
  /** Paths that no probe may ask. */
  avoid: z
    .array(z.string().regex(/^\/.*[^/]$/u, 'a path that begins with / and does not end with it'))
    .optional(),
  sharedWith: texts.optional(),
  approvers: approvers.optional(),
  notes: texts.optional(),
});
export type ServiceFields = z.infer<typeof serviceFields>;

export const systemFile = z.strictObject({
  version: z.literal(1),
  title: shortText,
  extends: name.optional(),
  environment: z.enum(ENVIRONMENTS).optional(),
  /** Where threads of its incidents open. */
  channel: channel.optional(),
  /** Of all its services that don't say theirs. */
  approvers: approvers.optional(),
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
  objectives: z.array(objective).max(50).optional(),
  watches: z.array(watch).max(50).optional(),
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
