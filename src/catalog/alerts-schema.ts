/** alerts.yaml as it is written. */
import { z } from 'zod';
import { NAME, nameRule, text } from './schema-parts.ts';

const match = z.array(text, 'a list of matchers').min(1).max(20);

const TEMPLATE = /^[^{}\s]*(?:\{[^{}\s]+\}[^{}\s]*)+$/u;
/** A name, or a text with labels' values in it. */
const named = z
  .string()
  .refine(
    (value) => NAME.test(value) || TEMPLATE.test(value),
    `${nameRule}; or a label's value, as "{container}"`,
  );

export const channel = z
  .string()
  .regex(
    /^(?:#[^\s#@,<>]{1,80}|[CG][A-Z0-9]{2,}|\$\{.+\})$/u,
    'a channel: "#name" in quotes, or its id such as C012AB3CD',
  );

const words = z.array(z.string().trim().min(1).max(60)).max(50);

export const alertsFile = z.strictObject({
  version: z.literal(1),
  targets: z
    .array(z.strictObject({ match, system: named.optional(), service: named.optional() }))
    .max(500)
    .default([]),
  routes: z
    .array(
      z.strictObject({
        match,
        channel: channel.optional(),
        ignore: z.literal(true, 'true: these alerts open no thread').optional(),
      }),
    )
    .max(500)
    .default([]),
  severities: z
    .strictObject({ critical: words.optional(), warning: words.optional(), info: words.optional() })
    .default({}),
  incidents: z
    .strictObject({
      /** Labels. */
      by: z.array(z.string().min(1).max(200)).max(20),
    })
    .optional(),
});
export type AlertsFields = z.infer<typeof alertsFile>;
