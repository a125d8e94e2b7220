/** The files that `pageturner test` plays. */
import { z } from 'zod';
import { PROBE_STATES } from '../domain/probe.ts';
import { duration, fact } from './schema-parts.ts';

const text = z.string().trim().min(1).max(2000);
const labels = z.record(z.string(), z.string());
const recorded = z.strictObject({
  /** From this moment of the story on. */
  at: duration('0s', '24h').optional(),
  state: z.enum(PROBE_STATES),
  reason: text.optional(),
  facts: z.record(z.string(), fact).default({}),
  output: z.string().max(20_000).optional(),
});
const states = z.record(z.string(), z.enum(PROBE_STATES));

/** A test of a runbook: recorded answers, and what should come of them. */
export const testFile = z.strictObject({
  version: z.literal(1),
  /** Of this folder's system; without one the alert's labels choose. */
  runbook: z.string().optional(),
  tests: z
    .array(
      z.strictObject({
        name: text,
        alert: labels.optional(),
        params: labels.default({}),
        answers: z
          .record(
            z.string(),
            z.record(
              z.string(),
              z.union(
                [recorded.transform((one) => [one]), z.array(recorded).min(1)],
                'an answer, or a list of them',
              ),
            ),
          )
          .default({}),
        actions: z
          .record(
            z.string(),
            z.strictObject({
              outcome: z.enum(['succeeded', 'failed', 'refused']).default('succeeded'),
              takes: duration('0s', '24h').optional(),
            }),
          )
          .default({}),
        /** What the alert's own expression gives; null: no series. Left out: it can't be read. */
        expression: z
          .array(z.strictObject({ at: duration('0s', '24h').optional(), value: z.number().nullable() }))
          .default([]),
        choose: z.string().optional(),
        decide: z
          .strictObject({ verdict: z.enum(['approve', 'deny']), after: duration('0s', '24h').optional() })
          .optional(),
        expect: z.strictObject({
          runbook: z.string().optional(),
          offers: z.array(z.string()).optional(),
          proposes: z.array(z.string()).optional(),
          diagnosis: states.optional(),
          condition: z.boolean().nullable().optional(),
          asked: z.record(z.string(), z.enum(['on-call', 'rollback-authority'])).optional(),
          steps: z
            .record(z.string(), z.enum(['pending', 'succeeded', 'failed', 'skipped', 'waiting', 'cancelled']))
            .optional(),
          verify: z.record(z.string(), z.enum(['succeeded', 'failed'])).optional(),
          state: z.enum(['firing', 'mitigated', 'done', 'failed']).optional(),
          within: duration('0s', '24h').optional(),
          says: z.array(text).optional(),
        }),
      }),
    )
    .min(1),
});
export type TestFile = z.infer<typeof testFile>;
