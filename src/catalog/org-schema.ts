/** org.yaml as it is written: roles, rotation, windows, freezes, delegation, escalation, contacts. */
import { z } from 'zod';
import { WEEKDAYS } from '../domain/windows.ts';
import { isZone, parseTimeOfDay, parseWall } from '../domain/zone.ts';
import { duration, name, shortText } from './schema-parts.ts';

const people = z.union(
  [z.string(), z.array(z.string())],
  'Slack ids, separated by commas, or a list of them',
);
const zone = z
  .string()
  .refine(isZone, 'the name of a time zone of the IANA database, such as UTC or Europe/Berlin');
const timeRule = 'a time of day from "00:00" to "24:00", in quotes';
const timeOfDay = z
  .string(timeRule)
  .refine((value) => parseTimeOfDay(value) !== null, timeRule)
  .transform((value) => parseTimeOfDay(value) ?? 0);

/** On the clocks of the zone that goes with it; or an instant, with Z or an offset. */
const WITH_OFFSET = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/u;
const instantRule = 'a day or time such as 2026-01-05, 2026-01-05T09:00 or 2026-01-05T09:00Z';
const instant = z
  .string(instantRule)
  .refine(
    (value) => parseWall(value) !== null || (WITH_OFFSET.test(value) && !Number.isNaN(Date.parse(value))),
    instantRule,
  );

const wallRule = 'a time without an offset, such as 2026-01-05T09:00, on the clocks of time-zone';
const everyRule = 'a number of days or weeks from 1d to 52w, such as 1w';

/** Days of `1w` or `3d`, or null. */
function days(text: string): number | null {
  const match = /^(\d{1,3})([dw])$/u.exec(text.trim());
  const count = match === null ? 0 : Number(match[1]) * (match[2] === 'w' ? 7 : 1);
  return count >= 1 && count <= 364 ? count : null;
}

const rotation = z.strictObject({
  'time-zone': zone.default('UTC'),
  starts: z.string(wallRule).refine((value) => parseWall(value) !== null, wallRule),
  every: z
    .string(everyRule)
    .refine((value) => days(value) !== null, everyRule)
    .transform((value) => days(value) ?? 7),
  people,
  backup: z.string().default('next'),
  overrides: z
    .array(z.strictObject({ from: instant, to: instant, person: z.string() }))
    .max(500)
    .default([]),
});
export type RotationFields = z.infer<typeof rotation>;

export const orgFile = z.strictObject({
  version: z.literal(1),
  roles: z.strictObject({
    'tech-lead': people.optional(),
    'on-call': people.optional(),
    'duty-officer': people.optional(),
  }),
  /** Users of terminals, by the name the operating system has for them: who they are in Slack. */
  terminal: z.record(z.string().min(1).max(64), z.string('a Slack id of a person: U… or W…')).optional(),
  rotation: rotation.optional(),
  delegation: z.strictObject({ longest: duration('1m', '7d') }).optional(),
  windows: z
    .array(
      z.strictObject({
        every: z.enum([...WEEKDAYS, 'day']),
        from: timeOfDay,
        to: timeOfDay,
        zone: zone.default('UTC'),
      }),
    )
    .max(50)
    .optional(),
  freezes: z
    .array(
      z.strictObject({
        from: instant,
        to: instant,
        reason: shortText,
        systems: z.array(name).min(1).max(50).optional(),
      }),
    )
    .max(100)
    .default([]),
  escalation: z
    .strictObject({ after: duration('1s', '24h').optional(), wait: duration('1s', '24h').optional() })
    .optional(),
  contacts: z
    .strictObject({
      administrator: z.string().max(300).optional(),
      'database-administrator': z.string().max(300).optional(),
      security: z.string().max(300).optional(),
      'on-call': z.string().max(300).optional(),
    })
    .optional(),
  bridge: z.string().max(300).optional(),
});
export type OrgFields = z.infer<typeof orgFile>;
