/** The JSON Schema of the catalog's files, for editors. */
import { z } from 'zod';
import { HEALTH_PROBE } from '../domain/bind-runbook.ts';
import type { Kinds } from '../domain/kinds.ts';
import { alertsFile } from './alerts-schema.ts';
import { orgFile } from './org-schema.ts';
import {
  actionFields,
  checkFields,
  conditionFields,
  optionFields,
  probeFields,
  runbookFile,
  systemFile,
  taskFields,
} from './schemas.ts';
import { testFile } from './test-schema.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * One document with a definition for each kind of file: `#/$defs/runbook`, `#/$defs/system`, `#/$defs/org`,
 * `#/$defs/alerts`,
 * `#/$defs/test`. A step's
 * settings depend on its probe or action.
 */
export function catalogJsonSchema(kinds: Kinds): Json {
  const probes = [...kinds.probeKinds.values()];
  const actions = [...kinds.actionKinds.values()];
  const probeStep = (fields: z.ZodObject) => ({
    anyOf: [
      ...probes.map((kind) => withSettings(fields, 'probe', kind)),
      withSettings(fields, 'probe', HEALTH),
    ],
  });
  const anyStep = {
    anyOf: [
      ...[...probes, HEALTH].map((kind) => withSettings(probeFields, 'probe', kind, orParameter)),
      ...actions.map((kind) => withSettings(actionFields, 'action', kind, orParameter)),
      toSchema(taskFields),
    ],
  };
  const runbook = toSchema(runbookFile);
  const condition = { $ref: '#/$defs/condition' };
  const system = toSchema(systemFile);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Pageturner catalog',
    anyOf: ['runbook', 'system', 'org', 'alerts', 'test'].map((name) => ({ $ref: `#/$defs/${name}` })),
    $defs: {
      probeStep: probeStep(probeFields),
      anyStep,
      parameter: { type: 'string', pattern: '\\{[a-z][a-z0-9_-]*\\}' },
      condition: { anyOf: [...probes, HEALTH].map((kind) => withSettings(conditionFields, 'probe', kind)) },
      healthProbe: {
        anyOf: probes.map((kind) =>
          withSettings(probeFields.omit({ service: true, within: true }), 'probe', kind),
        ),
      },
      check: { anyOf: probes.map((kind) => withSettings(checkFields, 'probe', kind)) },
      option: withProperties(toSchema(optionFields), { steps: listOf('anyStep') }),
      runbook: withProperties(runbook, {
        condition: { anyOf: [condition, { type: 'array', minItems: 1, maxItems: 10, items: condition }] },
        diagnose: listOf('probeStep'),
        verify: listOf('probeStep'),
        steps: listOf('anyStep'),
        recover: { type: 'array', items: keyed({ $ref: '#/$defs/option' }) },
      }),
      system: withServices(system),
      org: toSchema(orgFile),
      alerts: toSchema(alertsFile),
      test: toSchema(testFile),
    },
  };
}

/** The probe that takes everything from its service. */
const HEALTH = { name: HEALTH_PROBE, settings: z.strictObject({}) };

/** In a runbook with parameters `{name}` may stand for any setting; whether there is such a one is lint's to say. */
const orParameter = (setting: unknown): Json => ({ anyOf: [setting, { $ref: '#/$defs/parameter' }] });

function withSettings(
  fields: z.ZodObject,
  key: 'probe' | 'action',
  kind: { readonly name: string; readonly settings: z.ZodType },
  each: (setting: unknown) => unknown = (setting) => setting,
): Json {
  const own = toSchema(fields);
  const settings = toSchema(kind.settings);
  const required = [...listIn(own.required), ...listIn(settings.required)];
  return {
    type: 'object',
    properties: {
      ...mapIn(own.properties),
      ...Object.fromEntries(
        Object.entries(mapIn(settings.properties)).map(([name, one]) => [name, each(one)]),
      ),
      [key]: { const: kind.name },
    },
    required: [...new Set(required)],
    additionalProperties: false,
  };
}

/** `- name: { … }`, or the step by itself. */
function listOf(name: string): Json {
  const ref = { $ref: `#/$defs/${name}` };
  return { type: 'array', items: { anyOf: [ref, keyed(ref)] } };
}

const keyed = (inner: Json): Json => ({
  type: 'object',
  minProperties: 1,
  maxProperties: 1,
  additionalProperties: inner,
});

function withServices(system: Json): Json {
  const services = mapIn(mapIn(system.properties).services);
  const service = mapIn(services.additionalProperties);
  const described = withProperties(service, {
    probe: { $ref: '#/$defs/healthProbe' },
    checks: listOf('check'),
  });
  return withProperties(system, { services: { ...services, additionalProperties: described } });
}

const withProperties = (schema: Json, properties: Json): Json => ({
  ...schema,
  properties: { ...mapIn(schema.properties), ...properties },
});

function toSchema(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}

const mapIn = (value: unknown): Json => (typeof value === 'object' && value !== null ? { ...value } : {});
const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
